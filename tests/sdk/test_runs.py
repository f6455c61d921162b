"""Workflows of the official SDK run to their end on our World."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from vercel.workflow import (
    HookNotFoundError,
    WorkflowRunFailedError,
    WorkflowWorldError,
    get_hook_by_token,
    get_run,
    start,
)

from tests.sdk.apps import shop
from tests.sdk.conftest import Working
from tests.sdk.waiting import until
from workflow_pg.sdk.world import PostgresWorld


async def resume(token: str, text: str) -> None:
    """Resume a hook, as soon as its run has created it."""
    while True:
        try:
            await shop.resume(token, text)
        except HookNotFoundError:
            await asyncio.sleep(0.02)
        else:
            return


async def test_a_workflow_of_no_step(working: Working) -> None:
    async with working():
        run = await start(shop.no_step, "you")
        assert await run.return_value() == "hello you"
        assert await run.status() == "completed"


async def test_a_workflow_of_one_step(working: Working) -> None:
    async with working():
        run = await start(shop.one_step, 2, 3)
        assert await run.return_value() == 5
    assert shop.ran == {f"{run.run_id}:add": 1}


async def test_parallel_steps_run_once_each(working: Working) -> None:
    async with working():
        run = await start(shop.fan_out, 20)
        assert await run.return_value() == sum(range(20))
    assert set(shop.ran.values()) == {1}
    assert len(shop.ran) == 20


async def test_a_step_is_retried_after_the_time_it_asks_for(
    working: Working, conn: psycopg.Connection
) -> None:
    async with working():
        run = await start(shop.retried)
        assert await run.return_value() == 3
    waited = conn.execute(
        """
        select bool_and(later.created_at >= (retry.facts ->> 'retryAfter')::timestamptz)
          from workflow_pg.events as retry
          join workflow_pg.events as later
            on later.run_id = retry.run_id and later.event_type = 'step_started'
           and later.seq = (select min(s.seq) from workflow_pg.events as s
                             where s.run_id = retry.run_id and s.seq > retry.seq
                               and s.event_type = 'step_started')
         where retry.event_type = 'step_retrying'
        """
    ).fetchone()
    assert waited == (True,)


async def test_a_fatal_error_fails_the_run_with_its_cause(working: Working) -> None:
    async with working():
        run = await start(shop.doomed)
        with pytest.raises(WorkflowRunFailedError, match="out of stock"):
            await run.return_value()
    assert shop.ran == {f"{run.run_id}:give_up": 1}


async def test_a_hook_receives_in_order(working: Working) -> None:
    async with working():
        run = await start(shop.listen, "letters", 3)
        await resume("letters", "a")
        await resume("letters", "b")
        await resume("letters", "c")
        assert await run.return_value() == ["a", "b", "c"]
        with pytest.raises(HookNotFoundError):
            await get_hook_by_token("letters")


async def test_a_hook_is_found_by_its_token_with_its_metadata(working: Working) -> None:
    async with working():
        run = await start(shop.listen, "found", 1)
        while True:
            try:
                hook = await get_hook_by_token("found")
            except HookNotFoundError:
                await asyncio.sleep(0.02)
            else:
                break
        assert (hook.run_id, hook.metadata) == (run.run_id, {"token": "found"})
        await resume("found", "x")
        assert await run.return_value() == ["x"]


async def test_a_token_has_one_holder(working: Working) -> None:
    async with working():
        first = await start(shop.listen, "mine", 1)
        while True:
            try:
                await get_hook_by_token("mine")
            except HookNotFoundError:
                await asyncio.sleep(0.02)
            else:
                break
        second = await start(shop.claim, "mine")
        assert await second.return_value() == first.run_id
        await resume("mine", "done")
        assert await first.return_value() == ["done"]
        third = await start(shop.claim, "mine")
        await resume("mine", "free again")
        assert await third.return_value() == "free again"


async def test_twenty_parents_wait_for_their_children_with_two_slots(
    working: Working,
) -> None:
    async with working(concurrency=2):
        runs = [await start(shop.parent, value) for value in range(20)]
        results = await asyncio.gather(*(run.return_value() for run in runs))
    assert results == [2 * value for value in range(20)]


async def test_a_terminated_run_is_cancelled_and_its_sleep_is_over(
    working: Working, conn: psycopg.Connection
) -> None:
    async with working():
        run = await start(shop.nap, 3600)
        await until(lambda: count(conn, "workflow_pg.waits"))
        await run.terminate(reason="changed my mind")
        assert await run.status() == "cancelled"
        with pytest.raises(RuntimeError, match="cancelled"):
            await run.return_value()
        await queue_is_empty(conn)


async def test_a_step_may_finish_after_its_run_was_terminated(
    working: Working, conn: psycopg.Connection
) -> None:
    shop.gates["late"] = asyncio.Event()
    async with working():
        run = await start(shop.gated, "late")
        await until(lambda: shop.ran)
        await run.terminate()
        shop.gates["late"].set()
        await queue_is_empty(conn)
    assert conn.execute("select status::text from workflow_pg.steps").fetchall() == [
        ("completed",)
    ]
    assert await run.status() == "cancelled"


async def queue_is_empty(conn: psycopg.Connection) -> None:
    """Wait until the last message is gone."""
    await until(lambda: not count(conn, "workflow_pg_private.messages"))


def count(conn: psycopg.Connection, table: LiteralString) -> int:
    """How many rows a table has."""
    row = conn.execute("select count(*) from " + table).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.usefixtures("world")
async def test_an_unknown_run_is_not_found() -> None:
    with pytest.raises(WorkflowWorldError, match="does not exist") as refusal:
        await get_run("wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV").status()
    assert refusal.value.status == 404


async def test_producing_needs_no_worker_and_makes_no_files(
    world: PostgresWorld,
    conn: psycopg.Connection,
    tmp_path: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(str(tmp_path))
    run = await start(shop.no_step, "later")
    assert await run.status() == "pending"
    assert list(Path.cwd().iterdir()) == []
    assert count(conn, "workflow_pg_private.workers") == 0


@pytest.mark.parametrize(
    ("workflow", "bodies"), [(shop.too_much_in_a_step, 1), (shop.too_much_in_all, 3)]
)
async def test_a_payload_that_is_too_large_fails_at_once_by_name(
    working: Working, workflow: Any, bodies: int
) -> None:
    async with working():
        run = await start(workflow)
        with pytest.raises(
            WorkflowRunFailedError, match="at most 16777216 are allowed"
        ):
            await run.return_value()
    assert shop.ran == {f"{run.run_id}:random_bytes": bodies}


@pytest.mark.one_major
async def test_sixty_sleeps_on_one_message_are_no_sign_of_trouble(
    working: Working,
) -> None:
    async with working(max_deliveries=5):
        run = await start(shop.naps, 60)
        assert await run.return_value() == 60
