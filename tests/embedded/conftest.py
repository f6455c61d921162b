"""What the tests of the launcher share: programs, and a directory to work in."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import NoServerError, choose_binaries, wanted_major
from workflow_pg.embedded import Binaries, destroy_dev, state


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


@pytest.fixture
def own_root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state directory that no other run of the tests writes to."""
    # Not tmp_path: the server's user could not pass, and sockets need a short path.
    parent = Path(tempfile.mkdtemp(prefix="workflow-pg-", dir="/var/tmp"))
    parent.chmod(0o711)
    monkeypatch.setattr(state, "_PARENT", parent)
    yield state.state_root()
    shutil.rmtree(parent)
