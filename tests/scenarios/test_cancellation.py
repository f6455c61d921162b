"""Runs that are ended, steps that are cancelled, sleeps that end early."""

from __future__ import annotations

import psycopg
import pytest
from vercel.workflow import EntityConflictError, get_run, start

from tests.crew import Crew, resume, soon
from tests.scenarios.apps import cancelling
from tests.scenarios.apps.payloads import Note

pytestmark = pytest.mark.asyncio(loop_scope="module")

REGISTRIES = [cancelling.wf]

WAITS = "select wait_id from workflow_pg.waits where run_id = %s order by resume_at"


async def test_a_step_is_cancelled_when_its_sibling_is_done(crew: Crew) -> None:
    told = await crew.result(await start(cancelling.by_a_sibling))
    assert told == [7, "cancelled: the other one has 7"]
    assert "sibling: the other one has 7" in cancelling.told


async def test_a_step_is_cancelled_by_a_payload_and_the_run_goes_on(
    crew: Crew,
) -> None:
    run = await start(cancelling.by_a_hook, "stop")
    await crew.reaches(run, "step_started")
    await soon(resume, Note("enough"), "stop")
    assert await crew.result(run) == ["cancelled: enough", 1]
    assert cancelling.told.count("stop: stopped") == 1
    assert [(s["name"], s["status"], s["attempt"]) for s in crew.steps(run)] == [
        ("poll", "failed", 1),
        ("quick", "completed", 1),
    ]


async def test_a_step_is_cancelled_with_its_group(crew: Crew) -> None:
    assert await crew.result(await start(cancelling.by_a_group)) == ["no"]


async def test_a_run_that_sleeps_is_ended_with_its_hooks_and_waits(crew: Crew) -> None:
    run = await start(cancelling.two_naps, "ended")
    await crew.reaches(run, "wait_created", 2)
    await run.terminate(reason="not needed")
    assert await crew.ended(run) == "cancelled"
    with pytest.raises(RuntimeError, match="workflow cancelled"):
        await run.return_value()
    states = crew.session.rows(
        "select w.status::text as s from workflow_pg.waits as w where w.run_id = %s"
        " union all"
        " select h.status::text as s from workflow_pg.hooks as h where h.run_id = %s",
        run.run_id,
        run.run_id,
    )
    assert sorted(state["s"] for state in states) == ["cancelled"] * 2 + ["disposed"]
    (event,) = [
        event
        for event in crew.session.log(run.run_id)
        if event["event_type"] == "run_cancelled"
    ]
    assert event["facts"]["cancelReason"] == "not needed"


async def test_a_run_that_is_over_is_not_ended_again(crew: Crew) -> None:
    run = await start(cancelling.by_a_sibling)
    await crew.result(run)
    with pytest.raises(EntityConflictError):
        await get_run(run.run_id).terminate()
    assert await run.status() == "completed"


async def test_a_sleep_is_ended_early_once(crew: Crew) -> None:
    run = await start(cancelling.nap)
    await crew.reaches(run, "wait_created")
    (wait,) = crew.session.rows(WAITS, run.run_id)
    crew.session.call("complete_wait", run_id=run.run_id, wait_id=wait["wait_id"])
    assert await crew.result(run) == "awake"
    with pytest.raises(psycopg.Error) as refusal:
        crew.session.call("complete_wait", run_id=run.run_id, wait_id=wait["wait_id"])
    assert refusal.value.sqlstate == "WF409"


async def test_one_of_two_sleeps_is_ended_early(crew: Crew) -> None:
    run = await start(cancelling.two_naps, "two")
    await crew.reaches(run, "wait_created", 2)
    _, longer = crew.session.rows(WAITS, run.run_id)
    crew.session.call("complete_wait", run_id=run.run_id, wait_id=longer["wait_id"])
    assert await crew.result(run) == ["2h"]
