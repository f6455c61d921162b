"""docs/guides/production.md: systemd takes the unit, and the numbers are true."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest

from tests.docs.apps import App
from tests.docs.blocks import GUIDES, ROOT, programs
from workflow_pg.cli import main
from workflow_pg.sdk.worker import GOODBYE_SECONDS

PAGE = GUIDES / "production.md"
NAME = "/etc/systemd/system/workflow-worker@.service"
UNIT = programs(PAGE)[NAME]

BUSY = """
import asyncio
from vercel.workflow import Workflows, start

wf = Workflows()

@wf.step
async def think(number: int) -> int:
    await asyncio.sleep(0.2)
    return number

@wf.workflow
async def crowd() -> int:
    return sum(await asyncio.gather(*(think(number) for number in range(40))))
"""
CLIENT = """
import asyncio
from vercel.workflow import start
from busy import crowd
from workflow_pg.sdk import use_postgres

use_postgres()

async def main() -> None:
    print(await (await start(crowd)).return_value())

asyncio.run(main())
"""


def service() -> configparser.SectionProxy:
    """The section of the unit that says how to start and to stop."""
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
    unit.read_string(UNIT)
    return unit["Service"]


def command() -> list[str]:
    """The words after the program."""
    return shlex.split(service()["ExecStart"])[1:]


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        # What it would look at first: every line is a known key.
        assert set(service()) <= {
            *("User", "WorkingDirectory", "EnvironmentFile", "ExecStart"),
            *("TimeoutStopSec", "Restart", "RestartSec"),
        }
        return
    program = tmp_path / ".venv/bin/workflow-pg"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / Path(NAME).name
    unit.write_text(UNIT.replace("/srv/shop", str(tmp_path)))
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    # It also complains of units of the machine.
    complaints = [line for line in done.stderr.splitlines() if unit.name in line]
    assert complaints == []


def test_the_command_has_these_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command(), "--help"]) == 0
    assert capsys.readouterr().out.startswith("usage: workflow-pg worker")


def test_systemd_waits_longer_than_the_worker_needs() -> None:
    words = command()
    grace = float(words[words.index("--grace") + 1])
    assert float(service()["TimeoutStopSec"]) >= grace + 15
    text = PAGE.read_text(encoding="utf-8")
    assert f"{GOODBYE_SECONDS:g} s at most" in text
    told = (ROOT / "docs/workers.md").read_text(encoding="utf-8")
    assert "should wait for `--grace` and 15 s more" in told


def test_a_worker_takes_no_more_connections_than_the_table_says(
    app: App, conn: psycopg.Connection
) -> None:
    concurrency = 3
    app.write({"busy.py": BUSY, "client.py": CLIENT})
    most = 0
    counts = (
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    with app.worker("busy:wf", "--concurrency", str(concurrency)):
        before = conn.execute(counts).fetchone()
        assert app.run("client.py") == str(sum(range(40)))
        after = conn.execute(counts).fetchone()
    for found in (before, after):
        assert found is not None
        most = max(most, found[0])
    assert most <= concurrency + 2 + 1 + 1


def test_the_words_of_the_log_are_those_of_the_worker() -> None:
    text = PAGE.read_text(encoding="utf-8")
    sources = "".join(
        path.read_text() for path in (ROOT / "workflow_pg/sdk").glob("*.py")
    )
    table = text.partition("## What to watch")[2]
    for words in re.findall(r"log: `([^`]+)`", table):
        for part in re.split(r" ?N$|\.\.\.", words):
            assert part.strip() in sources, part


def test_the_numbers_are_those_of_the_command_and_stand_here_alone() -> None:
    source = (ROOT / "workflow_pg/cli/working.py").read_text(encoding="utf-8")
    assert "_MOST_CONNECTIONS = 32" in source
    assert "options.concurrency + 2" in source
    text = PAGE.read_text(encoding="utf-8")
    assert "smaller of c + 2 and 32" in text
    assert "12 + 3 by default, 35 at most" in text
    for page in (
        "docs/workers.md",
        "docs/operations.md",
        "docs/guides/managed-postgresql.md",
    ):
        other = (ROOT / page).read_text(encoding="utf-8")
        assert "production.md#connections" in other
