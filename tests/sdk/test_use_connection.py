"""What the SDK does inside `use_connection` is a part of the caller's transaction."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from vercel.workflow import HookNotFoundError, get_hook_by_token, get_run, start

from tests.sdk.apps import ledger, shop
from tests.sdk.callers import OPENERS, Opener
from tests.sdk.conftest import Working
from tests.sdk.test_runs import count
from tests.sdk.waiting import until
from tests.support import connect
from workflow_pg.sdk import start_once, use_connection
from workflow_pg.sdk.world import PostgresWorld

of_all_kinds = pytest.mark.parametrize(
    "opened", OPENERS, ids=lambda opened: opened.__name__
)

TABLE = "create table orders (number text)"
ORDER = "insert into orders values ('A17')"


@of_all_kinds
async def test_a_commit_starts_the_run_with_the_callers_row(
    working: Working, dsn: str, conn: psycopg.Connection, opened: Opener
) -> None:
    conn.execute(TABLE)
    async with working(), opened(dsn) as caller:
        await caller.execute(ORDER)
        with use_connection(caller.given):
            run = await start(shop.one_step, 2, 3)
            assert await run.status() == "pending"
        assert count(conn, "workflow_pg.runs") == 0
        await caller.commit()
        assert await run.return_value() == 5
    assert count(conn, "orders") == 1


@of_all_kinds
@pytest.mark.usefixtures("world")
async def test_a_rollback_leaves_no_run_no_event_and_no_message(
    dsn: str, conn: psycopg.Connection, opened: Opener
) -> None:
    conn.execute(TABLE)
    async with opened(dsn) as caller:
        with connect(dsn) as session, session.nothing_written():
            await caller.execute(ORDER)
            async with use_connection(caller.given):
                await start(shop.no_step, "you")
                await start_once(shop.no_step, "you", key="A17")
            await caller.rollback()
        assert count(conn, "orders") == 0
        # Nothing is left behind that the next commit would bring to light.
        await caller.execute(ORDER)
        await caller.commit()
    assert count(conn, "workflow_pg.runs") == 0


@of_all_kinds
async def test_a_resume_is_heard_after_the_commit_and_undone_by_a_rollback(
    working: Working, dsn: str, conn: psycopg.Connection, opened: Opener
) -> None:
    async with working(), opened(dsn) as caller:
        run = await start(shop.listen, "letters", 1)
        await until(lambda: count(conn, "workflow_pg.hooks"))
        with use_connection(caller.given):
            await shop.resume("letters", "never mind")
        await caller.rollback()
        with use_connection(caller.given):
            await shop.resume("letters", "this one")
        assert "hook_received" not in events_of(conn, run.run_id)
        await caller.commit()
        assert await run.return_value() == ["this one"]


@of_all_kinds
@pytest.mark.usefixtures("world")
async def test_a_refusal_leaves_the_transaction_usable(
    dsn: str, conn: psycopg.Connection, opened: Opener
) -> None:
    conn.execute(TABLE)
    async with opened(dsn) as caller:
        await caller.execute(ORDER)
        with use_connection(caller.given):
            with pytest.raises(HookNotFoundError):
                await shop.resume("nobody", "hello")
            run = await start(shop.no_step, "you")
        await caller.commit()
    assert count(conn, "orders") == 1
    assert await run.status() == "pending"


@of_all_kinds
@pytest.mark.usefixtures("world")
async def test_the_block_outlives_a_commit(
    dsn: str, conn: psycopg.Connection, opened: Opener
) -> None:
    async with opened(dsn) as caller:
        with use_connection(caller.given):
            await start(shop.no_step, "one")
            await caller.commit()
            await start(shop.no_step, "two")
            await caller.rollback()
            await start(shop.no_step, "three")
            await caller.commit()
    assert count(conn, "workflow_pg.runs") == 2


@of_all_kinds
@pytest.mark.usefixtures("world")
async def test_starts_at_once_on_one_connection(
    dsn: str, conn: psycopg.Connection, opened: Opener
) -> None:
    async with opened(dsn) as caller:
        with use_connection(caller.given):
            results = await asyncio.gather(
                *(start(shop.no_step, f"{number}") for number in range(5)),
                *(shop.resume("nobody", "hello") for _ in range(5)),
                return_exceptions=True,
            )
        await caller.commit()
    failures = [result for result in results if isinstance(result, BaseException)]
    assert [type(failure) for failure in failures] == [HookNotFoundError] * 5
    assert count(conn, "workflow_pg.runs") == 5


async def test_a_cancellation_waits_for_the_commit_as_well(
    working: Working, dsn: str, conn: psycopg.Connection
) -> None:
    async with working(), await psycopg.AsyncConnection.connect(dsn) as own:
        run = await start(shop.listen, "never", 1)
        await until(lambda: count(conn, "workflow_pg.hooks"))
        with use_connection(own):
            await run.terminate()
            with pytest.raises(HookNotFoundError):
                await get_hook_by_token("never")
        assert await run.status() == "running"
        await own.commit()
        assert await run.status() == "cancelled"


async def test_the_end_of_a_block_brings_back_what_was_before(
    world: PostgresWorld, dsn: str, conn: psycopg.Connection
) -> None:
    async with (
        await psycopg.AsyncConnection.connect(dsn) as outer,
        await psycopg.AsyncConnection.connect(dsn) as inner,
    ):
        with use_connection(outer):
            await start(shop.no_step, "outer")
            with use_connection(inner):
                await start(shop.no_step, "inner")
            await start(shop.no_step, "outer")
            with pytest.raises(ZeroDivisionError), use_connection(inner):
                raise ZeroDivisionError
            await start(shop.no_step, "outer")
        at_once = await start(shop.no_step, "at once")
        assert ids(conn) == {at_once.run_id}
        await inner.commit()
        assert len(ids(conn)) == 2
        await outer.commit()
        assert len(ids(conn)) == 5


async def test_tasks_do_not_see_each_others_connections(
    world: PostgresWorld, dsn: str, conn: psycopg.Connection
) -> None:
    everybody = asyncio.Barrier(3)

    async def act(end: str) -> str:
        async with await psycopg.AsyncConnection.connect(dsn) as own:
            with use_connection(own):
                await everybody.wait()
                run = await start(shop.no_step, end)
                await everybody.wait()
            await (own.commit() if end == "commit" else own.rollback())
        return run.run_id

    async def without() -> str:
        await everybody.wait()
        run = await start(shop.no_step, "at once")
        await everybody.wait()
        return run.run_id

    committed, _, alone = await asyncio.gather(
        act("commit"), act("rollback"), without()
    )
    assert ids(conn) == {committed, alone}


async def test_on_a_connection_in_autocommit_each_call_is_on_its_own(
    world: PostgresWorld, dsn: str, conn: psycopg.Connection
) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as own:
        with use_connection(own):
            run = await start(shop.no_step, "you")
            assert ids(conn) == {run.run_id}
            with pytest.raises(HookNotFoundError):
                await shop.resume("nobody", "hello")
            async with own.transaction(force_rollback=True):
                await start(shop.no_step, "never")
                with pytest.raises(HookNotFoundError):
                    await shop.resume("nobody", "hello")
                await start(shop.no_step, "neither")
    assert ids(conn) == {run.run_id}


async def test_workers_are_notified_at_the_commit(
    world: PostgresWorld, dsn: str, conn: psycopg.Connection
) -> None:
    with connect(dsn) as session:
        told = {"worker_id": "idle", "workflows": [shop.no_step.workflow_id]}
        session.call("heartbeat_worker", steps=[], **told)
        session.call("set_worker_idle", worker_id="idle", is_idle=True)
    conn.execute("listen workflow_pg")
    async with await psycopg.AsyncConnection.connect(dsn) as own:
        with use_connection(own):
            await start(shop.no_step, "you")
            conn.execute("notify workflow_pg, 'before'")
        await own.commit()
    heard = [note.payload for note in conn.notifies(timeout=10, stop_after=2)]
    assert heard == ["before", ""]


async def test_no_pool_is_opened_where_all_callers_have_connections(
    world: PostgresWorld, dsn: str, conn: psycopg.Connection
) -> None:
    """Once the process knows its database: another event loop needs no pool for it."""

    async def start_in_own() -> None:
        async with await psycopg.AsyncConnection.connect(dsn) as own:
            with use_connection(own):
                await start(shop.no_step, "you")

    await start_in_own()
    await world.worlds.close()
    world.dsn = make_conninfo(dsn, port=1)
    await asyncio.to_thread(asyncio.run, start_in_own())
    assert len(ids(conn)) == 2


async def test_a_step_commits_its_row_and_a_child_together(
    working: Working, dsn: str, conn: psycopg.Connection
) -> None:
    conn.execute("create table entries (account text, child text)")
    ledger.dsn = dsn
    ledger.attempts.clear()
    async with working(ledger.wf):
        run = await start(ledger.book, "rent")
        child = await run.return_value()
        assert await get_run(child).return_value() == "booked rent"
    entries = conn.execute("select account, child from entries").fetchall()
    assert entries == [("rent", child)]
    assert len(ids(conn)) == 2
    assert ledger.attempts == ["rent", "rent"]


async def test_a_step_resumes_its_own_run_and_keeps_its_lease(
    working: Working, dsn: str, conn: psycopg.Connection
) -> None:
    ledger.dsn = dsn
    ledger.gate = asyncio.Event()
    async with working(ledger.wf):
        run = await start(ledger.talk_to_itself, "echo")
        renewed = (
            "select lease_until from workflow_pg_private.messages where kind = 'step'"
        )
        await until(lambda: ledger.gate.is_set() and conn.execute(renewed).fetchone())
        before = conn.execute(renewed).fetchone()
        assert before is not None
        await until(lambda: (conn.execute(renewed).fetchone() or before) > before)
        ledger.gate.clear()
        assert await run.return_value() == "echo"


def ids(conn: psycopg.Connection) -> set[str]:
    """The runs that others see."""
    return {row[0] for row in conn.execute("select run_id from workflow_pg.runs")}


def events_of(conn: psycopg.Connection, run_id: str) -> list[Any]:
    """The events of a run that others see."""
    query = "select event_type::text from workflow_pg.events where run_id = %s"
    return [row[0] for row in conn.execute(query, (run_id,))]
