"""Calls of `World` about many events, steps or runs, on the real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support import LATER, STEP, WORKFLOW, Session, new_run_id
from workflow_pg import (
    Codec,
    Conflict,
    EventType,
    MalformedCall,
    NewEvent,
    NewRun,
    NewStep,
    RunStatus,
    World,
)


async def test_a_batch_of_events(world: World, db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "step_1", "running")
    outcomes = await world.events.create_batch(
        run_id,
        [
            NewEvent(
                event_type=EventType.STEP_COMPLETED,
                correlation_id="step_1",
                payload=b'{"a": 1}',
                codec=Codec.JSON,
                occurred_at=datetime(2001, 1, 1, tzinfo=UTC),
            ),
            NewEvent(
                event_type="wait_created",
                correlation_id="w",
                facts={"resumeAt": LATER},
            ),
            NewEvent(event_type=EventType.STEP_STARTED, correlation_id="absent"),
        ],
    )
    assert [o.status for o in outcomes] == [200, 200, 404]
    assert [o.seq for o in outcomes] == [5, 6, None]
    assert outcomes[0].event_type is EventType.STEP_COMPLETED
    assert outcomes[0].run_status is RunStatus.RUNNING
    assert outcomes[2].sqlstate == "WF404"
    assert (outcomes[2].detail or {})["id"] == "absent"
    log = db.log(run_id)
    assert (log[4]["payload"], log[4]["codec"]) == (b'{"a": 1}', "json")
    assert log[4]["created_at"] == log[3]["created_at"]


async def test_arrays_without_a_value_are_left_out(world: World, db: Session) -> None:
    run_id = db.new_run()
    assert await world.events.create_batch(run_id, []) == []
    (outcome,) = await world.events.create_batch(
        run_id, [NewEvent(event_type=EventType.RUN_COMPLETED)]
    )
    assert (outcome.status, outcome.correlation_id) == (200, None)


async def test_a_batch_may_be_all_or_nothing(world: World, db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "step_1", "completed")
    event = NewEvent(event_type=EventType.STEP_COMPLETED, correlation_id="step_1")
    with db.nothing_written(), pytest.raises(Conflict) as caught:
        await world.events.create_batch(run_id, [event], all_or_nothing=True)
    assert caught.value.detail["place"] == 1


async def test_a_time_of_an_entry_needs_a_zone(world: World, db: Session) -> None:
    run_id = db.new_run()
    naive = datetime.now(UTC).replace(tzinfo=None)
    event = NewEvent(event_type=EventType.RUN_COMPLETED, occurred_at=naive)
    with db.nothing_written(), pytest.raises(MalformedCall, match="no time zone"):
        await world.events.create_batch(run_id, [event])


async def test_many_steps(world: World, db: Session) -> None:
    run_id = db.new_run()
    steps = [
        NewStep(step_id=f"s{n}", step_name=STEP, input=bytes([n])) for n in range(3)
    ]
    outcomes = await world.steps.create_many(run_id, steps, dedup_key="k")
    assert [o.status for o in outcomes] == [200] * 3
    assert [o.attempt for o in outcomes] == [0] * 3
    with db.nothing_written():
        assert await world.steps.create_many(run_id, steps, dedup_key="k") == outcomes
        assert await world.steps.create_many(run_id, []) == []


async def test_an_advance(world: World, db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "step_1", "running")
    ship = NewStep(step_id="step_2", step_name=STEP, input=b"in")
    reply = await world.steps.advance(
        run_id, "step_1", b"out", next_step=ship, hold=timedelta(minutes=1)
    )
    assert (reply.event_type, reply.seq) == (EventType.STEP_STARTED, 7)
    step = await world.steps.get(run_id, "step_2")
    assert (step.attempt, step.input) == (1, b"in")


async def test_many_runs(world: World, db: Session) -> None:
    runs = [
        NewRun(
            run_id=new_run_id(),
            workflow_name=WORKFLOW,
            input=bytes([n]),
            attributes={"n": str(n)} if n else None,
        )
        for n in range(3)
    ]
    outcomes = await world.runs.create_many(runs)
    assert [o.status for o in outcomes] == [200] * 3
    assert [o.status for o in await world.runs.create_many(runs)] == [409] * 3
    assert await world.runs.create_many([]) == []

    run_ids = [run.run_id for run in runs]
    found = await world.runs.get_many([run_ids[1], "absent", *run_ids])
    assert found[1] is None
    assert [run and run.attributes for run in found] == [
        {"n": "1"},
        None,
        {},
        {"n": "1"},
        {"n": "2"},
    ]
    bare = await world.runs.get_many(run_ids[:1], with_payloads=False)
    assert [run and run.input for run in bare] == [None]

    cancelled = await world.runs.cancel_many([*run_ids, "absent"], reason="closed")
    assert [o.outcome for o in cancelled] == ["cancelled"] * 3 + ["not_found"]
    assert [o.run_status for o in cancelled] == [RunStatus.CANCELLED] * 3 + [None]


async def test_elapsed_sleeps(world: World, db: Session) -> None:
    run_id = db.new_run()
    for wait_id in ("a", "b"):
        await world.waits.create(run_id, wait_id, datetime(2001, 1, 1, tzinfo=UTC))
    ended = await world.waits.complete_elapsed(run_id)
    assert [reply.correlation_id for reply in ended] == ["a", "b"]
    assert await world.waits.complete_elapsed(run_id) == []


async def test_a_batch_joins_the_transaction_of_its_connection(
    world: World, db: Session
) -> None:
    import psycopg

    run_id = db.new_run()
    steps = [NewStep(step_id="s", step_name=STEP, input=b"")]
    async with await psycopg.AsyncConnection.connect(db.dsn) as connection:
        with db.nothing_written():
            await world.steps.create_many(run_id, steps, connection=connection)
            await connection.rollback()
