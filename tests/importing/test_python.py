"""Live runs of another database are finished by workflows in Python."""

from __future__ import annotations

import psycopg
import pytest

from tests.crew import at_work
from tests.importing import real
from tests.importing.app import fulfil, wf
from tests.importing.conftest import Importing
from tests.sdk.waiting import until
from tests.support import Session


@pytest.mark.parametrize("version", ["4.3.7", "5.0.0-beta.29"])
async def test_pending_and_running_runs_are_executed_here(
    dsn: str, ours: Session, empty_dsn: str, bring: Importing, version: str
) -> None:
    there = real.load(version, empty_dsn)
    with psycopg.connect(empty_dsn) as other:
        # As if it had been written in Python there.
        name = fulfil.workflow_id
        mine = "where name = 'workflow//orders//fulfil'"
        other.execute(f"update workflow.workflow_runs set name = %s {mine}", [name])
    await bring(deployment_id="default")
    live = [r for r in there if r["kind"] in {"pending", "started"}]
    query = (
        "select count(*) from workflow_pg.runs where run_id = any(%s)"
        " and status >= 'completed'"
    )
    ids = [run["run"]["runId"] for run in live]
    async with at_work(dsn, wf):
        await until(lambda: ours.value(query, ids) == len(ids), seconds=30)
    results = [ours.call("get_run", run_id=run_id)[0] for run_id in ids]
    assert [(r["status"], b"receipt-" in (r["output"] or b"")) for r in results] == [
        ("completed", True)
    ] * len(ids)
    for run_id in ids:
        assert ours.types(run_id).count("step_completed") == 1
