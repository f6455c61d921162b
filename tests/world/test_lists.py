"""Lists of `World`: pages by cursor, filters and payloads, on the real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support import LATER, STEP, WORKFLOW, Session
from workflow_pg import EventType, MalformedCall, RunStatus, WaitStatus, World


async def test_runs_by_cursor_and_filters(world: World, db: Session) -> None:
    created = [db.new_run(status) for status in ("failed", "running", "cancelled")]
    newest, *_ = await world.runs.list(limit=1, with_payloads=True)
    assert (newest.run_id, newest.input) == (created[2], b"in")
    rest = await world.runs.list(cursor=newest.cursor)
    assert [run.run_id for run in rest] == created[1::-1]
    ended = [RunStatus.FAILED, RunStatus.CANCELLED]
    found = await world.runs.list(statuses=ended, ascending=True)
    assert [run.run_id for run in found] == created[::2]
    assert await world.runs.list(statuses=[]) == []
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    found = await world.runs.list(workflow_name=WORKFLOW, since=hour_ago)
    assert len(found) == 3
    assert await world.runs.list(before=hour_ago) == []
    assert (await world.runs.get(created[0])).cursor is None


async def test_steps_hooks_waits_and_events_by_cursor(
    world: World, db: Session
) -> None:
    run_id = db.new_run()
    for name in "abc":
        db.new_step(run_id, name)
        facts = {"token": f"token {name}", "resumeAt": LATER}
        db.append(run_id, "hook_created", f"h{name}", facts=facts, payload=b"m")
        db.append(run_id, "wait_created", f"w{name}", facts=facts)

    first, *_ = await world.steps.list(run_id, descending=True, with_payloads=True)
    assert (first.step_id, first.input, first.step_name) == ("c", b"in", STEP)
    steps = await world.steps.list(run_id, descending=True, cursor=first.cursor)
    assert [step.step_id for step in steps] == ["b", "a"]

    hook, *_ = await world.hooks.list(run_id, with_payloads=True)
    assert (hook.hook_id, hook.metadata) == ("ha", b"m")
    hooks = await world.hooks.list(run_id, cursor=hook.cursor)
    assert [hook.hook_id for hook in hooks] == ["hb", "hc"]

    hook, *_ = await world.hooks.list_all(descending=True, with_payloads=True)
    assert (hook.token, hook.metadata) == ("token c", b"m")
    hooks = await world.hooks.list_all(descending=True, cursor=hook.cursor)
    assert [hook.token for hook in hooks] == ["token b", "token a"]

    wait, *_ = await world.waits.list(run_id, limit=1)
    assert (wait.wait_id, wait.status) == ("wa", WaitStatus.WAITING)
    assert (wait.resume_at.year, wait.completed_at) == (2999, None)
    waits = await world.waits.list(run_id, cursor=wait.cursor, descending=False)
    assert [wait.wait_id for wait in waits] == ["wb", "wc"]

    *_, last = await world.events.list(run_id)
    assert await world.events.list(run_id, cursor=last.event_id) == []
    await world.waits.complete(run_id, "wa")
    (event,) = await world.events.list(run_id, cursor=last.event_id)
    assert event.event_type is EventType.WAIT_COMPLETED
    events = await world.events.list(run_id, correlation_id="wa")
    assert [event.event_type.value for event in events] == [
        "wait_created",
        "wait_completed",
    ]


async def test_a_cursor_of_another_list_is_refused(world: World, db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    (step,) = await world.steps.list(run_id)
    with pytest.raises(MalformedCall, match="not one of a list of waits"):
        await world.waits.list(run_id, cursor=step.cursor)
