"""An empty directory for the programs of a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.apps import App


@pytest.fixture
def app(dsn: str, tmp_path: Path) -> App:
    """A directory and a migrated database for one program."""
    return App(folder=tmp_path, dsn=dsn)
