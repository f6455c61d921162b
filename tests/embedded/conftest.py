"""What the tests of the launcher share: programs, and a directory to work in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import NoServerError, choose_binaries, wanted_major
from workflow_pg.embedded import Binaries, destroy_dev


@pytest.fixture(scope="session")
def binaries() -> Binaries:
    """The programs this run launches."""
    try:
        return choose_binaries(wanted_major())
    except NoServerError as error:
        pytest.skip(str(error))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A directory whose development server goes with the test."""
    yield tmp_path
    destroy_dev(tmp_path)
