"""What people do by hand to runs that the SDK executes."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from vercel.workflow import WorkflowRunFailedError, get_run, start

from tests.sdk.apps import shop
from tests.sdk.conftest import Working
from tests.sdk.waiting import until
from workflow_pg import Conflict
from workflow_pg.cli import main
from workflow_pg.sdk.world import PostgresWorld


def has(conn: psycopg.Connection, run_id: str, event: str) -> bool:
    """Whether the log of a run has an event of a type."""
    query = (
        "select true from workflow_pg.events"
        " where run_id = %s and event_type = %s::workflow_pg.event_type"
    )
    return conn.execute(query, (run_id, event)).fetchone() is not None


def messages(conn: psycopg.Connection, run_id: str) -> int:
    """How many messages a run has."""
    query = "select count(*) from workflow_pg_private.messages where run_id = %s"
    (count,) = conn.execute(query, (run_id,)).fetchall()[0]
    return count


async def test_a_long_sleep_is_over_when_its_run_is_woken_with_its_waits(
    working: Working, world: PostgresWorld, conn: psycopg.Connection
) -> None:
    async with working():
        run = await start(shop.nap, 3600)
        await until(lambda: has(conn, run.run_id, "wait_created"))
        operations = (await world.worlds.get()).operations
        plain = await operations.wake_run(run.run_id)
        assert plain.waits_completed == 0
        done = await operations.wake_run(run.run_id, with_waits=True)
        assert done.waits_completed == 1
        await run.return_value()


async def test_a_cancelled_run_is_done_by_its_retry(
    working: Working, world: PostgresWorld
) -> None:
    run = await start(shop.one_step, 2, 3)
    operations = (await world.worlds.get()).operations
    await (await world.worlds.get()).runs.cancel(run.run_id)
    reply = await operations.retry_run(run.run_id)
    async with working():
        assert await get_run(reply.run_id).return_value() == 5
    assert shop.ran == {f"{reply.run_id}:add": 1}


async def test_a_failed_run_fails_again_and_may_be_deleted(
    working: Working, world: PostgresWorld, conn: psycopg.Connection
) -> None:
    async with working():
        run = await start(shop.doomed)
        with pytest.raises(WorkflowRunFailedError):
            await run.return_value()
        operations = (await world.worlds.get()).operations
        reply = await operations.retry_run(run.run_id)
        with pytest.raises(WorkflowRunFailedError, match="out of stock"):
            await get_run(reply.run_id).return_value()
    gone = await operations.delete_run(run.run_id)
    assert gone.steps == 1
    left = conn.execute("select distinct run_id from workflow_pg.events").fetchall()
    assert left == [(reply.run_id,)]


async def test_a_run_whose_step_is_still_executed_is_deleted_after_it(
    working: Working, world: PostgresWorld, conn: psycopg.Connection
) -> None:
    shop.gates["slow"] = asyncio.Event()
    operations = (await world.worlds.get()).operations
    async with working():
        run = await start(shop.gated, "slow")
        await until(lambda: has(conn, run.run_id, "step_started"))
        await (await world.worlds.get()).runs.cancel(run.run_id)
        with pytest.raises(Conflict, match="is still executing step"):
            await operations.delete_run(run.run_id)
        shop.gates["slow"].set()
        await until(lambda: not messages(conn, run.run_id))
        gone = await operations.delete_run(run.run_id)
    assert gone.steps == 1
    assert not has(conn, run.run_id, "run_created")


async def test_a_hook_is_resumed_from_the_command_line(
    working: Working, dsn: str, conn: psycopg.Connection
) -> None:
    words = ["hooks", "resume", "letters", '{"text": "grüße"}', "--dsn", dsn]
    async with working():
        run = await start(shop.listen, "letters", 1)
        await until(lambda: has(conn, run.run_id, "hook_created"))
        # It has an event loop of its own.
        assert await asyncio.to_thread(main, words) == 0
        assert await run.return_value() == ["grüße"]
