"""Runs `workflow-pg` in the process of the test, on the shared database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workflow_pg.cli import main
from workflow_pg.cli.output import ExitCode

if TYPE_CHECKING:
    # A plugin is loaded before it is imported, so that its assertions are explained.
    from tests.cli.command import Command
    from tests.support import Session


@pytest.fixture
def command(db: Session, capsys: pytest.CaptureFixture[str]) -> Command:
    """What a command prints that succeeds."""

    def run(*arguments: str) -> str:
        assert main([*arguments, "--dsn", db.dsn]) == ExitCode.OK
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return run
