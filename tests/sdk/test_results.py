"""`workflow_pg.sdk.result`: what a run returns, told by the database when it ends."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from vercel.workflow import (
    WorkflowRunFailedError,
    WorkflowWorldError,
    get_run,
    start,
)

from tests.sdk.apps import shop
from tests.sdk.conftest import Working
from tests.sdk.test_runs import resume
from tests.sdk.waiting import until
from tests.support import new_run_id
from workflow_pg import watcher
from workflow_pg.sdk import result
from workflow_pg.sdk._compat import RunExpiredError
from workflow_pg.sdk.world import PostgresWorld


async def test_a_result_is_told_and_not_polled(
    working: Working, conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "POLL_SECONDS", 3600.0)
    waiters = "select count(*) from workflow_pg_private.run_waiters"
    async with working():
        run = await start(shop.listen, "letters", 1)
        waiting = asyncio.create_task(result(run))
        await until(lambda: conn.execute(waiters).fetchone() == (1,))
        await resume("letters", "a")
        assert await waiting == ["a"]
        assert await result(run, timeout=0) == ["a"]


async def test_a_failure_is_raised_as_the_sdk_raises_it(working: Working) -> None:
    async with working():
        run = await start(shop.doomed)
        with pytest.raises(WorkflowRunFailedError, match="out of stock"):
            await result(run)


async def test_a_run_that_does_not_end_in_time_goes_on(world: PostgresWorld) -> None:
    run = await start(shop.no_step, "you")
    with pytest.raises(TimeoutError):
        await result(run, timeout=0.05)
    assert await run.status() == "pending"
    await run.terminate()
    with pytest.raises(RuntimeError, match="cancelled"):
        await result(run)


async def test_what_a_run_has_returned_is_gone_when_it_was_purged(
    world: PostgresWorld, working: Working
) -> None:
    async with working():
        run = await start(shop.no_step, "you")
        await result(run)
    own = await world.worlds.get()
    await own.operations.purge_run(run.run_id)
    with pytest.raises(RunExpiredError, match="were purged"):
        await result(run)
    with pytest.raises(RunExpiredError):
        await run.return_value()


@pytest.mark.usefixtures("world")
async def test_a_run_that_is_not_there_is_an_error_at_once() -> None:
    with pytest.raises(WorkflowWorldError):
        await result(get_run(new_run_id()))
