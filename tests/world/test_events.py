"""`world.events`: what each method returns, on the real database."""

from __future__ import annotations

import pytest

from tests.support import WORKFLOW, Session
from workflow_pg import Codec, EventType, MalformedCall, NotFound, RunStatus, World


async def test_append_does_what_the_verb_does(world: World, db: Session) -> None:
    created = await world.events.append(
        None, "run_created", facts={"workflowName": WORKFLOW}, payload=b"in"
    )
    run_id = created.run_id
    started = await world.events.append(run_id, EventType.RUN_STARTED)
    assert (created.seq, started.seq) == (1, 2)
    step = await world.events.append(
        run_id,
        EventType.STEP_CREATED,
        correlation_id="s",
        facts={"stepName": "step//m//f"},
        payload=b"[]",
        codec=Codec.JSON,
        spec_version=5,
        dedup_key="k",
    )
    assert (step.event_type, step.correlation_id) == (EventType.STEP_CREATED, "s")
    assert db.types(run_id) == ["run_created", "run_started", "step_created"]


async def test_append_and_read_brings_what_was_written_meanwhile(
    world: World, db: Session
) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "s", "running")
    read = await world.events.list(run_id, limit=2)
    *between, own = await world.events.append_and_read(
        run_id,
        EventType.STEP_COMPLETED,
        correlation_id="s",
        payload=b"out",
        after=len(read),
    )
    assert between[0].event_type is EventType.STEP_CREATED
    assert [event.seq for event in between] == [3, 4]
    assert (between[0].payload, between[0].run_status) == (b"in", None)
    assert (own.seq, own.payload, own.attempt) == (5, b"out", 1)
    assert own.run_status is RunStatus.RUNNING
    assert own.event_id == f"evnt_{5:026d}"


async def test_append_refuses_what_is_no_event(world: World, db: Session) -> None:
    run_id = db.new_run()
    with db.nothing_written(), pytest.raises(MalformedCall, match="run_paused"):
        await world.events.append(run_id, "run_paused")


async def test_append_raises_what_the_verb_raises(world: World) -> None:
    with pytest.raises(NotFound):
        await world.events.append("wrun_none", EventType.RUN_COMPLETED)


async def test_list_reads_the_log_both_ways(world: World, db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "s", "completed")
    log = await world.events.list(run_id)
    assert [event.seq for event in log] == [1, 2, 3, 4, 5]
    assert [str(event.event_type) for event in log] == db.types(run_id)
    assert log[2].event_id == "evnt_00000000000000000000000003"
    assert (log[2].payload, log[2].codec) == (b"in", Codec.OPAQUE)
    assert log[2].facts == {"stepName": "step//orders//charge"}
    assert [e.seq for e in await world.events.list(run_id, after=3, limit=1)] == [4]
    back = await world.events.list(run_id, after=3, descending=True)
    assert [event.seq for event in back] == [2, 1]
    bare = await world.events.list(run_id, with_payloads=False)
    assert {event.payload for event in bare} == {None}
