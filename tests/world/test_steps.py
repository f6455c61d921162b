"""`world.steps`: what each method returns, on the real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support import STEP, Session
from workflow_pg import (
    AppendReply,
    Codec,
    Conflict,
    EventType,
    NotFound,
    StepStatus,
    World,
)


async def test_create_leaves_the_dispatch(world: World, db: Session) -> None:
    run_id = db.new_run()
    reply = await world.steps.create(run_id, "s", STEP, b"in", codec=Codec.CBOR)
    assert (reply.event_type, reply.attempt) == (EventType.STEP_CREATED, 0)
    assert reply.correlation_id == "s"
    assert "step" in {message["kind"] for message in db.messages(run_id)}


async def test_start_begins_an_attempt_and_returns_the_step(
    world: World, db: Session
) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "s")
    step = await world.steps.start(run_id, "s", dedup_key="k")
    assert (step.status, step.attempt, step.input) == (StepStatus.RUNNING, 1, b"in")
    with db.nothing_written():
        assert await world.steps.start(run_id, "s", dedup_key="k") == step
    assert (await world.steps.start(run_id, "s")).attempt == 2


async def test_start_new_creates_the_step_and_begins_it(
    world: World, db: Session
) -> None:
    run_id = db.new_run()
    step = await world.steps.start_new(
        run_id, "s", STEP, b"in", owner_message_id="m", hold=timedelta(minutes=1)
    )
    assert (step.status, step.attempt, step.input) == (StepStatus.RUNNING, 1, b"in")
    assert step.seq == 4
    assert db.log(run_id)[-1]["facts"] == {"attempt": 1, "ownerMessageId": "m"}
    with db.nothing_written(), pytest.raises(Conflict):
        await world.steps.start_new(run_id, "s", STEP, b"in")
    again = await world.steps.start(run_id, "s", owner_message_id="n")
    assert again.attempt == 2


async def test_retry_gives_the_step_back_until_its_time(
    world: World, db: Session
) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "s", "running")
    later = datetime.now(UTC) + timedelta(hours=1)
    later = later.replace(microsecond=0)
    reply = await world.steps.retry(run_id, "s", b"boom", retry_after=later)
    assert (reply.event_type, reply.attempt) == (EventType.STEP_RETRYING, 1)
    step = await world.steps.get(run_id, "s")
    assert (step.status, step.error) == (StepStatus.PENDING, b"boom")
    assert step.retry_after == later


async def test_complete_keeps_the_result(world: World, db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "s", "running")
    reply = await world.steps.complete(run_id, "s", b"[1]", codec=Codec.JSON)
    assert (reply.event_type, reply.attempt) == (EventType.STEP_COMPLETED, 1)
    step = await world.steps.get(run_id, "s")
    assert (step.output, step.output_codec) == (b"[1]", Codec.JSON)
    assert step.completed_at == reply.created_at


async def test_fail_keeps_the_error(world: World, db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "s", "running")
    reply = await world.steps.fail(run_id, "s", b"boom")
    assert reply.event_type is EventType.STEP_FAILED
    step = await world.steps.get(run_id, "s")
    assert (step.status, step.error) == (StepStatus.FAILED, b"boom")


async def test_a_held_delivery_leaves_no_wake(world: World, db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "s", "running")
    db.new_step(run_id, "t", "running")
    deliveries = {row["kind"]: row for row in db.claim()}
    token = deliveries["wake"]["lease_token"]
    before = len(db.messages(run_id))
    await world.steps.complete(run_id, "s", b"out", lease_token=token)
    assert len(db.messages(run_id)) == before
    await world.steps.complete(run_id, "t", b"out", wake=False)
    kinds = [m["kind"] for m in db.messages(run_id) if m["lease_token"] is None]
    assert "wake" not in kinds


async def test_get_leaves_out_what_is_not_asked_for(world: World, db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "s", "completed")
    step = await world.steps.get(run_id, "s", with_input=False, with_outcome=False)
    assert (step.input, step.output, step.step_name) == (None, None, STEP)


async def test_a_step_that_is_not_there_is_not_found(world: World, db: Session) -> None:
    run_id = db.new_run()
    with db.nothing_written(), pytest.raises(NotFound) as caught:
        await world.steps.get(run_id, "s")
    assert str(caught.value).startswith(f"step s of run {run_id} does not exist")
    assert caught.value.detail == {"entity": "step", "id": "s", "run_id": run_id}


async def test_list_pages_in_the_order_of_ids(world: World, db: Session) -> None:
    run_id = db.new_run()
    for step_id in ("c", "a", "b"):
        db.new_step(run_id, step_id)
    page = await world.steps.list(run_id, limit=2)
    assert [step.step_id for step in page] == ["a", "b"]
    (last,) = await world.steps.list(run_id, after="b")
    assert (last.step_id, last.input) == ("c", None)


async def test_a_reply_is_of_the_type_it_says(world: World, db: Session) -> None:
    run_id = db.new_run()
    reply = await world.steps.create(run_id, "s", STEP, b"in")
    assert isinstance(reply, AppendReply)
    assert isinstance(reply.event_type, EventType)
