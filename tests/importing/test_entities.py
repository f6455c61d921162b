"""What another database has is here, entity by entity, and goes on here."""

from __future__ import annotations

import psycopg
import pytest

from tests.importing import real
from tests.importing.conftest import Importing
from tests.importing.finishing import finish
from tests.importing.likeness import assert_alike
from tests.support import Session

VERSIONS = ["4.3.7", "5.0.0-beta.29"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_entity_is_what_it_was(
    ours: Session, empty_dsn: str, bring: Importing, version: str
) -> None:
    there = real.load(version, empty_dsn)
    done = await bring()
    assert done.runs == {"imported": len(there)}
    assert done.is_complete
    for run in there:
        assert_alike(ours, run)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_second_import_finds_everything_there(
    ours: Session, empty_dsn: str, bring: Importing, version: str
) -> None:
    there = real.load(version, empty_dsn)
    await bring()
    with ours.nothing_written():
        done = await bring()
    assert (done.runs, done.events, done.streams) == ({"present": len(there)}, 0, 0)


@pytest.mark.parametrize("version", VERSIONS)
async def test_live_runs_can_be_claimed_and_finished(
    ours: Session, empty_dsn: str, bring: Importing, version: str
) -> None:
    there = real.load(version, empty_dsn)
    await bring(deployment_id="default")
    live = [r for r in there if r["run"]["status"] in {"pending", "running"}]
    claimed = ours.claim(
        workflows=sorted({r["run"]["workflowName"] for r in live}),
        steps=["step//./orders//charge", "step//./lazy"],
    )
    woken = {message["run_id"] for message in claimed if message["kind"] == "wake"}
    assert woken == {r["run"]["runId"] for r in live}
    for run in live:
        finish(ours, run["run"]["runId"])
        assert (
            ours.call("get_run", run_id=run["run"]["runId"])[0]["status"] == "completed"
        )
        assert ours.types(run["run"]["runId"]).count("run_completed") == 1


async def test_a_run_that_has_moved_on_there_is_reported_and_left_alone(
    ours: Session, empty_dsn: str, bring: Importing
) -> None:
    there = real.load("4.3.7", empty_dsn)
    await bring()
    (moved,) = (r["run"]["runId"] for r in there if r["kind"] == "started")
    with psycopg.connect(empty_dsn) as other:
        other.execute(
            "update workflow.workflow_runs set status = 'failed', completed_at = now()"
            " where id = %s",
            [moved],
        )
    with ours.nothing_written():
        done = await bring()
    assert done.runs == {"present": len(there) - 1, "changed": 1}
    assert [(p.run_id, p.is_taken) for p in done.problems] == [(moved, False)]
    assert not done.is_complete


async def test_what_belongs_to_no_run_is_reported(
    empty_dsn: str, bring: Importing
) -> None:
    real.load("4.3.7", empty_dsn)
    with psycopg.connect(empty_dsn) as other:
        other.execute(
            "insert into workflow.workflow_steps"
            " (run_id, step_id, step_name, status, attempt)"
            " values ('wrun_lost', 'step_lost', 's', 'pending', 0)"
        )
        other.execute(
            "insert into workflow.workflow_stream_chunks (id, stream_id, data, eof)"
            " values ('chnk_1', '__health_check__1', '', true)"
        )
    done = await bring()
    assert [(p.kind, p.run_id, p.id, p.is_taken) for p in done.problems[-2:]] == [
        ("step", "wrun_lost", "", False),
        ("stream", "", "__health_check__1", False),
    ]


async def test_a_stream_from_before_chunks_named_their_run_goes_with_it(
    ours: Session, empty_dsn: str, bring: Importing
) -> None:
    there = real.load("4.3.7", empty_dsn)
    with psycopg.connect(empty_dsn) as other:
        other.execute("update workflow.workflow_stream_chunks set run_id = null")
    done = await bring()
    assert done.is_complete
    for run in there:
        assert_alike(ours, run)


async def test_a_long_stream_comes_in_pages(
    ours: Session, empty_dsn: str, bring: Importing
) -> None:
    there = real.load("4.3.7", empty_dsn)
    run_id = there[0]["run"]["runId"]
    with psycopg.connect(empty_dsn) as other:
        other.execute(
            "insert into workflow.workflow_stream_chunks"
            " (id, stream_id, run_id, data, eof)"
            " select 'chnk_' || lpad(n::text, 26, '0'), 'long', %s,"
            "        convert_to(n::text, 'UTF8'), false"
            "   from generate_series(1, 250) as n",
            [run_id],
        )
    await bring()
    found: list[bytes] = []
    for start in (0, 100, 200):
        (page,) = ours.call("read_stream", run_id=run_id, name="long", start=start)
        found += page["chunks"]
    assert found == [str(n).encode() for n in range(1, 251)]
    assert not page["is_closed"]
