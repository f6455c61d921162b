"""docs/guides/import.md: its commands, in their order, bring a database over."""

from __future__ import annotations

import pytest

from tests.docs.blocks import GUIDES, commands
from tests.importing import real
from tests.support import connect
from workflow_pg.cli import main

PAGE = GUIDES / "import.md"


def test_the_command_of_the_page_brings_a_database_over(
    dsn: str, empty_dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    there = real.load("5.0.0-beta.29", empty_dsn)
    (line,) = (c for c in commands(PAGE) if c.startswith("workflow-pg import "))
    _, *words = line.split()
    addresses = {"--from": empty_dsn, "--dsn": dsn}
    for option, address in addresses.items():
        words[words.index(option) + 1] = address
    assert main(words) == 0
    assert f"{len(there)} imported" in capsys.readouterr().out
    with connect(dsn) as session:
        deployments = "select distinct deployment_id from workflow_pg.runs"
        assert session.rows(deployments) == [{"deployment_id": "default"}]
