"""An import that is killed is begun again, and takes nothing twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import psycopg
import pytest

from tests.importing import real
from tests.importing.conftest import Importing
from tests.importing.likeness import assert_alike
from tests.support import Session, connect
from workflow_pg.cli import main

IMPORTER = (
    "select pid from pg_stat_activity"
    " where datname = current_database() and wait_event_type = 'Lock'"
    "   and query like '%%import_run(%%'"
)


def test_an_import_that_is_killed_half_way_takes_the_rest_later(
    dsn: str, ours: Session, empty_dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    there = real.load("4.3.7", empty_dsn)
    ids = [run["run"]["runId"] for run in there]
    halfway = ids[len(ids) // 2]
    command = (sys.executable, "-m", "workflow_pg.cli", "import")
    with psycopg.connect(dsn) as holder, connect(dsn) as watcher:
        # Whoever takes this run waits until we know what we do.
        holder.execute(
            "insert into workflow_pg_private.imported_runs values (%s, now(), '')",
            [halfway],
        )
        process = subprocess.Popen(
            (*command, "--from", empty_dsn, "--dsn", dsn), stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 30
        while not watcher.rows(IMPORTER) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        for row in watcher.rows(IMPORTER):
            watcher.do("select pg_terminate_backend(%s, 10000)", row["pid"])
        holder.rollback()
    before = [run_id for run_id in ids if run_id < halfway]
    assert [r["run_id"] for r in ours.rows(_IMPORTED)] == before

    assert main(["import", "--from", empty_dsn, "--dsn", dsn]) == 0
    counts = f"runs: {len(ids) - len(before)} imported, {len(before)} present,"
    assert counts in capsys.readouterr().out
    for run in there:
        assert_alike(ours, run)


async def test_a_stream_that_was_taken_half_way_is_not_doubled(
    ours: Session, empty_dsn: str, bring: Importing
) -> None:
    there = real.load("4.3.7", empty_dsn)
    (run,) = (run for run in there if run["kind"] == "streaming")
    name = next(n for n, s in run["streams"].items() if len(s["chunks"]) == 5)
    with psycopg.connect(empty_dsn) as other:
        chunks = other.execute(
            "select data from workflow.workflow_stream_chunks"
            " where stream_id = %s order by id limit 3",
            [name],
        ).fetchall()
    ours.call(
        "import_stream",
        run_id=run["run"]["runId"],
        name=name,
        first_index=0,
        chunks=[chunk for (chunk,) in chunks],
        created_at=ours.now(),
    )
    await bring()
    assert_alike(ours, run)


_IMPORTED = "select run_id from workflow_pg_private.imported_runs order by run_id"
