"""The program psql, if there is one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from workflow_pg.embedded import EmbeddedError, find_binaries


def find_psql() -> str:
    """The psql of this machine, or of the embedded server; a skip without one."""
    found = shutil.which("psql")
    if found is not None:
        return found
    try:
        program = find_binaries().bindir / "psql"
    except EmbeddedError:
        program = Path("psql")
    if not program.exists():
        pytest.skip("there is no psql on this machine")
    return str(program)
