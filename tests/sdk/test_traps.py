"""What has bitten Worlds before: one test for each trap that the SDK lays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from vercel.workflow import HookNotFoundError, WorkflowRunFailedError, start

from tests.crew import counted
from tests.sdk.apps import shop
from tests.sdk.conftest import Working
from tests.sdk.proxy import Cut, Proxy
from tests.sdk.test_runs import count, queue_is_empty, resume
from tests.sdk.waiting import until
from workflow_pg import MessageKind, codec
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.worker import Worker
from workflow_pg.sdk.world import PostgresWorld

COMPLETE_STEP = b"workflow_pg.complete_step("


@pytest.fixture
async def proxy(dsn: str) -> AsyncIterator[tuple[Proxy, PostgresWorld]]:
    """A World whose connections lead through a proxy."""
    proxy = Proxy(dsn)
    async with proxy.open() as through:
        world = PostgresWorld(through, prepare_threshold=None)
        before = sdk.get_world()
        sdk.set_world(world)
        try:
            yield proxy, world
        finally:
            await world.worlds.close()
            sdk.set_world(before)
            shop.ran.clear()


@pytest.mark.parametrize("at_reply", [False, True], ids=["before commit", "after"])
async def test_a_connection_cut_around_the_commit_of_a_step_runs_no_body_twice(
    proxy: tuple[Proxy, PostgresWorld], conn: psycopg.Connection, *, at_reply: bool
) -> None:
    wire, world = proxy
    wire.cut = Cut(COMPLETE_STEP, at_reply)
    stop = asyncio.Event()
    task = asyncio.create_task(Worker(shop.wf, world).run(stop))
    run = await start(shop.one_step, 1, 2)
    assert await run.return_value() == 3
    stop.set()
    await task
    assert wire.cut.is_done
    assert shop.ran == {f"{run.run_id}:add": 1}
    assert logged(conn, run.run_id).count("step_completed") == 1
    assert "step_retrying" not in logged(conn, run.run_id)


async def test_a_backend_killed_inside_the_commit_of_a_step_runs_no_body_twice(
    working: Working, conn: psycopg.Connection
) -> None:
    shop.gates["commit"] = asyncio.Event()
    async with working():
        run = await start(shop.gated, "commit")
        await until(lambda: shop.ran)
        with psycopg.connect(conn.info.dsn, password=conn.info.password) as other:
            other.execute("lock table workflow_pg.events in share mode")
            shop.gates["commit"].set()
            assert await terminated(conn, "complete_step")
        assert await run.return_value() == "commit passed in attempt 1"
    assert set(shop.ran.values()) == {1}


async def terminated(conn: psycopg.Connection, verb: str) -> bool:
    """Wait until a call of a verb waits for a lock, and end its backend."""
    async with asyncio.timeout(10):
        while True:
            row = conn.execute(
                """
                select pg_terminate_backend(a.pid)
                  from pg_stat_activity as a
                 where a.wait_event_type = 'Lock'
                   and a.datname = current_database()
                   and a.query like '%%' || %s || '%%'
                """,
                [verb],
            ).fetchone()
            if row:
                return bool(row[0])
            await asyncio.sleep(0.02)


async def test_a_run_whose_starter_dies_before_it_enqueues_is_executed(
    world: PostgresWorld, working: Working, conn: psycopg.Connection
) -> None:
    enqueued: list[Any] = []

    async def die(*args: Any, **kwargs: Any) -> str:
        enqueued.append(args)
        raise ConnectionError("the process is gone")

    world.queue = die  # the process ends here: the message is never sent
    with pytest.raises(ConnectionError):
        await start(shop.no_step, "orphan")
    del world.queue
    async with working():
        await ended(conn)
    assert conn.execute("select status::text from workflow_pg.runs").fetchall() == [
        ("completed",)
    ]
    assert len(enqueued) == 1


async def test_a_step_whose_replay_dies_before_it_enqueues_is_executed(
    world: PostgresWorld, working: Working, conn: psycopg.Connection
) -> None:
    run = await start(shop.one_step, 4, 5)
    dispatched = world.queue

    async def skip_steps(queue_name: str, message: Any, **kwargs: Any) -> str:
        if message.step_id is not None:
            return "msg_lost"
        return await dispatched(queue_name, message, **kwargs)

    world.queue = skip_steps
    async with working():
        assert await run.return_value() == 9
    assert set(shop.ran.values()) == {1}


async def test_a_resume_that_dies_before_it_enqueues_wakes_the_run(
    world: PostgresWorld, working: Working
) -> None:
    async with working():
        run = await start(shop.listen, "lonely", 1)

        async def lose(*args: Any, **kwargs: Any) -> str:
            return "msg_lost"

        world.queue = lose
        await resume("lonely", "heard")
        del world.queue
        assert await run.return_value() == ["heard"]


async def test_quick_resumes_beside_parallel_steps_burn_no_attempts(
    working: Working, conn: psycopg.Connection
) -> None:
    async with working():
        run = await start(shop.listen_and_fan_out, "busy", 10, 20)
        for number in range(10):
            await resume("busy", str(number))
        assert await run.return_value() == sum(range(20))
    assert set(shop.ran.values()) == {1}
    assert conn.execute("select max(attempt) from workflow_pg.steps").fetchone() == (1,)


async def test_a_sleep_is_never_over_early_and_is_replayed_once(
    world: PostgresWorld, working: Working, conn: psycopg.Connection
) -> None:
    deliveries = counted(world)
    async with working():
        run = await start(shop.nap, 2)
        assert await run.return_value() == "awake"
        await queue_is_empty(conn)
    assert deliveries == [(run.run_id, None)] * 2
    slept = conn.execute(
        """
        select bool_and(done.created_at >= (wait.facts ->> 'resumeAt')::timestamptz)
          from workflow_pg.events as wait
          join workflow_pg.events as done using (run_id, correlation_id)
         where wait.event_type = 'wait_created' and done.event_type = 'wait_completed'
        """
    ).fetchone()
    assert slept == (True,)


async def test_a_start_is_delivered_once(
    world: PostgresWorld, working: Working, conn: psycopg.Connection
) -> None:
    deliveries = counted(world)
    async with working():
        run = await start(shop.no_step, "once")
        assert await run.return_value() == "hello once"
        await queue_is_empty(conn)
    assert deliveries == [(run.run_id, None)]


async def test_a_poison_message_is_buried_and_fails_its_run_by_name(
    world: PostgresWorld, working: Working, conn: psycopg.Connection
) -> None:
    run = await start(shop.nap, 3600)
    inner = await world.worlds.get()
    # It can be read, and means nothing.
    await inner.queue.send(run.run_id, MessageKind.CUSTOM, body=codec.encode({}))
    async with working(max_deliveries=2):
        with pytest.raises(
            WorkflowRunFailedError, match="delivered 2 times"
        ) as failure:
            await run.return_value()
    assert failure.value.error_code == "MAX_DELIVERIES_EXCEEDED"
    kept = conn.execute(
        "select kind::text, buried_at is not null from workflow_pg_private.messages"
    ).fetchall()
    assert kept == [("custom", True)]


async def test_a_message_that_cannot_be_decoded_is_buried_at_once(
    world: PostgresWorld, working: Working
) -> None:
    run = await start(shop.nap, 3600)
    inner = await world.worlds.get()
    body = bytes.fromhex("d81c81d81d00")  # a list that contains itself
    await inner.queue.send(run.run_id, MessageKind.CUSTOM, body=body)
    async with working():
        with pytest.raises(WorkflowRunFailedError, match="tag 28") as failure:
            await run.return_value()
    assert failure.value.error_code == "RUNTIME_ERROR"


async def test_the_first_result_of_a_step_executed_twice_stays(
    working: Working, conn: psycopg.Connection
) -> None:
    shop.gates["twice"] = asyncio.Event()
    async with working(), working():
        run = await start(shop.gated, "twice")
        await until(lambda: shop.ran)
        # As if its holder had been silent for 15 s.
        conn.execute(
            "update workflow_pg_private.messages set lease_until = '-infinity'"
            " where kind = 'step'"
        )
        await until(lambda: set(shop.ran.values()) == {2})
        shop.gates["twice"].set()
        assert (await run.return_value()).startswith("twice passed in attempt ")
        await queue_is_empty(conn)
    assert logged(conn, run.run_id).count("step_completed") == 1


async def test_a_resume_before_the_first_suspension_is_told_so(
    working: Working,
) -> None:
    run = await start(shop.listen, "eager", 1)
    with pytest.raises(HookNotFoundError):
        await shop.resume("eager", "too soon")
    async with working():
        await resume("eager", "in time")
        assert await run.return_value() == ["in time"]


async def test_started_at_is_the_same_millisecond_on_every_read(
    world: PostgresWorld, working: Working
) -> None:
    async with working():
        run = await start(shop.one_step, 1, 1)
        await run.return_value()
    first = (await world.runs_get(run.run_id)).started_at
    second = (await world.runs_get(run.run_id)).started_at
    assert first == second
    assert first is not None
    assert first.tzinfo is UTC
    assert first.microsecond % 1000 == 0
    assert first <= datetime.now(UTC)


def logged(conn: psycopg.Connection, run_id: str) -> list[str]:
    """The types of a run's events, in order."""
    rows = conn.execute(
        "select event_type::text from workflow_pg.list_events(%s)", [run_id]
    ).fetchall()
    return [row[0] for row in rows]


async def ended(conn: psycopg.Connection) -> None:
    """Wait until every run is final."""
    await until(lambda: not count(conn, "workflow_pg.runs where status < 'completed'"))
