"""`use_connection` with connections that are of no use, and with those that fail."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

import psycopg
import psycopg2
import pytest
import sqlalchemy as sa
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg.sql import SQL, Identifier
from sqlalchemy.ext import asyncio as aio
from vercel.workflow import HookNotFoundError, WorkflowWorldError, start

from tests.sdk.apps import shop
from tests.sdk.callers import url_of
from tests.sdk.test_runs import count
from tests.sdk.test_use_connection import ids
from tests.sdk.waiting import until
from tests.servers import Server, execute
from workflow_pg import ConnectionUnusable, SchemaUnusable, Unreachable
from workflow_pg.calls import savepoint
from workflow_pg.calls.call import Call
from workflow_pg.sdk import start_once, statements, use_connection
from workflow_pg.sdk.world import PostgresWorld

pytestmark = pytest.mark.usefixtures("world")

WAITING = (
    "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    " and datname = current_database()"
)


@pytest.fixture
async def own(dsn: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """A connection of the caller's."""
    async with await psycopg.AsyncConnection.connect(dsn) as own:
        yield own


async def test_without_savepoints_a_refusal_aborts_the_transaction(
    own: psycopg.AsyncConnection, conn: psycopg.Connection
) -> None:
    with use_connection(own, savepoints=False):
        await start(shop.no_step, "you")
        with pytest.raises(HookNotFoundError):
            await shop.resume("nobody", "hello")
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            await start(shop.no_step, "again")
    await own.commit()
    assert ids(conn) == set()


async def test_a_transaction_that_is_aborted_already_is_said_as_it_is(
    own: psycopg.AsyncConnection,
) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        await own.execute("select 1 / 0")
    with use_connection(own), pytest.raises(psycopg.errors.InFailedSqlTransaction):
        await start(shop.no_step, "you")


async def test_a_malformed_start_leaves_the_transaction_usable(
    own: psycopg.AsyncConnection, conn: psycopg.Connection
) -> None:
    with use_connection(own):
        with pytest.raises(WorkflowWorldError, match="start key '' is malformed"):
            await start_once(shop.no_step, "you", key="")
        run = await start(shop.no_step, "you")
    await own.commit()
    assert ids(conn) == {run.run_id}


@pytest.mark.parametrize("blocks", [False, True], ids=["async", "blocking"])
async def test_what_may_go_away_is_raised_and_not_repeated(
    dsn: str, conn: psycopg.Connection, *, blocks: bool
) -> None:
    rival = await psycopg.AsyncConnection.connect(dsn)
    opened = (
        psycopg.connect(dsn) if blocks else await psycopg.AsyncConnection.connect(dsn)
    )
    with use_connection(rival):
        theirs = await start_once(shop.no_step, "you", key="one")
    with use_connection(opened):
        before = await start(shop.no_step, "before")
        if isinstance(opened, psycopg.Connection):
            opened.execute("set local lock_timeout = '50ms'")
        else:
            await opened.execute("set local lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            await start_once(shop.no_step, "you", key="one")
        after = await start(shop.no_step, "after")
    await rival.commit()
    await rival.close()
    if isinstance(opened, psycopg.Connection):
        opened.commit()
        opened.close()
    else:
        await opened.commit()
        await opened.close()
    assert ids(conn) == {theirs.run_id, before.run_id, after.run_id}


async def test_a_connection_that_is_lost_is_said_as_it_is(
    own: psycopg.AsyncConnection, conn: psycopg.Connection
) -> None:
    with use_connection(own):
        await start(shop.no_step, "you")
        # Asked inside the transaction: a pooler has many.
        row = await (await own.execute("select pg_backend_pid()")).fetchone()
        conn.execute("select pg_terminate_backend(%s)", row)
        with pytest.raises(psycopg.OperationalError):
            await start(shop.no_step, "again")
        with pytest.raises(psycopg.OperationalError, match="the connection is closed"):
            await start(shop.no_step, "again")
    assert ids(conn) == set()


async def test_a_connection_that_blocks_leaves_the_loop_to_others(
    dsn: str, own: psycopg.AsyncConnection, conn: psycopg.Connection
) -> None:
    with use_connection(own):
        theirs = await start_once(shop.no_step, "you", key="one")
    with psycopg.connect(dsn) as blocking:

        async def start_on_it() -> str:
            with use_connection(blocking):
                return (await start_once(shop.no_step, "you", key="one")).run_id

        waiting = asyncio.create_task(start_on_it())
        # Nothing of this would happen if the loop were blocked.
        await until(lambda: conn.execute(WAITING).fetchone() == (1,))
        await own.commit()
        assert await waiting == theirs.run_id


@pytest.mark.parametrize("blocks", [False, True], ids=["async", "blocking"])
async def test_a_start_that_is_cancelled_leaves_nothing_for_the_next_commit(
    dsn: str, own: psycopg.AsyncConnection, conn: psycopg.Connection, *, blocks: bool
) -> None:
    conn.execute("create table orders (number text)")
    with use_connection(own):
        theirs = await start_once(shop.no_step, "you", key="one")
    opened = (
        psycopg.connect(dsn) if blocks else await psycopg.AsyncConnection.connect(dsn)
    )
    insert = "insert into orders values ('A17')"

    async def start_on_it() -> None:
        with use_connection(opened):
            await start(shop.no_step, "never")
            await start_once(shop.no_step, "you", key="one")

    waiting = asyncio.create_task(start_on_it())
    await until(lambda: conn.execute(WAITING).fetchone() == (1,))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert conn.execute(WAITING).fetchone() == (0,)
    if isinstance(opened, psycopg.Connection):
        assert opened.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
        opened.rollback()
        opened.execute(insert)
        opened.commit()
        opened.close()
    else:
        assert opened.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
        await opened.rollback()
        await opened.execute(insert)
        await opened.commit()
        await opened.close()
    await own.commit()
    assert ids(conn) == {theirs.run_id}
    assert count(conn, "orders") == 1


@pytest.mark.parametrize("blocks", [False, True], ids=["async", "blocking"])
@pytest.mark.parametrize("fails_in_driver", [False, True], ids=["ours", "driver"])
async def test_an_answer_that_cannot_be_read_undoes_its_call(
    dsn: str, conn: psycopg.Connection, *, blocks: bool, fails_in_driver: bool
) -> None:
    conn.execute("create table orders (number text)")
    # The driver has no value for it.
    value = b"'infinity'::timestamptz" if fails_in_driver else b"number"
    call = Call(
        b"insert into orders values ('A17') returning " + value, {}, lambda _: 1 // 0
    )
    opened = (
        psycopg.connect(dsn) if blocks else await psycopg.AsyncConnection.connect(dsn)
    )
    with pytest.raises((psycopg.DataError, ZeroDivisionError)):
        await statements.make(opened, call, in_savepoint=True)
    # There is no savepoint any more.
    if isinstance(opened, psycopg.Connection):
        assert opened.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
        with pytest.raises(psycopg.errors.InvalidSavepointSpecification):
            opened.execute(savepoint.RELEASE)
        opened.rollback()
        with pytest.raises((psycopg.DataError, ZeroDivisionError)):
            await statements.make(opened, call, in_savepoint=True)
        opened.commit()
        opened.close()
    else:
        assert opened.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
        with pytest.raises(psycopg.errors.InvalidSavepointSpecification):
            await opened.execute(savepoint.RELEASE)
        await opened.rollback()
        with pytest.raises((psycopg.DataError, ZeroDivisionError)):
            await statements.make(opened, call, in_savepoint=True)
        await opened.commit()
        await opened.close()
    assert count(conn, "orders") == 0


async def test_a_task_that_outlives_its_block_is_refused(
    own: psycopg.AsyncConnection, conn: psycopg.Connection
) -> None:
    goes_on = asyncio.Event()

    async def late() -> None:
        await goes_on.wait()
        await start(shop.no_step, "late")

    with use_connection(own):
        task = asyncio.create_task(late())
    goes_on.set()
    with pytest.raises(ConnectionUnusable, match="block that this task was started in"):
        await task
    await own.commit()
    assert ids(conn) == set()


async def test_a_database_without_the_schema_is_said_and_not_aborted(
    empty_dsn: str,
) -> None:
    async with await psycopg.AsyncConnection.connect(empty_dsn) as own:
        await own.execute("create table orders (number text)")
        with use_connection(own), pytest.raises(SchemaUnusable, match="migrate up"):
            await start(shop.no_step, "you")
        await own.commit()
        assert await (await own.execute("select from orders")).fetchall() == []


async def test_another_database_is_refused_though_it_has_the_schema(
    server: Server, template: str
) -> None:
    name = f"workflow_pg_{os.getpid()}_elsewhere"
    create = SQL("create database {} template {}")
    execute(server.dsn(), create.format(Identifier(name), Identifier(template)))
    try:
        async with await psycopg.AsyncConnection.connect(server.dsn(name)) as own:
            with (
                use_connection(own),
                pytest.raises(ConnectionUnusable, match="leads to another database"),
            ):
                await start(shop.no_step, "you")
            await own.execute("select 1")
    finally:
        drop = SQL("drop database {} with (force)")
        execute(server.dsn(), drop.format(Identifier(name)))


async def test_another_login_and_another_address_are_the_same_database(
    direct_dsn: str, conn: psycopg.Connection
) -> None:
    password = "it is its own"
    elsewhere = make_conninfo(
        direct_dsn, user="somebody", password=password, host="localhost"
    )
    conn.execute(f"create role somebody login password '{password}'".encode())
    try:
        conn.execute(
            "grant usage on schema workflow_pg to somebody;"
            "grant execute on all functions in schema workflow_pg to somebody"
        )
        async with await psycopg.AsyncConnection.connect(elsewhere) as own:
            with use_connection(own):
                run = await start(shop.no_step, "you")
            await own.commit()
        assert ids(conn) == {run.run_id}
    finally:
        conn.execute("drop owned by somebody; drop role somebody")


async def test_an_unreachable_world_is_said(
    own: psycopg.AsyncConnection, world: PostgresWorld
) -> None:
    world.dsn = make_conninfo(world.dsn, port=1)
    with use_connection(own), pytest.raises(Unreachable):
        await start(shop.no_step, "you")


@pytest.mark.parametrize("given", [None, "postgresql://app@db/app", object()])
async def test_what_is_no_connection_is_refused_at_once(given: object) -> None:
    with pytest.raises(ConnectionUnusable, match="use_connection cannot use builtins"):
        use_connection(given)


async def test_connections_of_other_drivers_are_refused_at_once(dsn: str) -> None:
    told = conninfo_to_dict(dsn)
    database = str(told.pop("dbname"))
    connect: Any = import_module("asyncpg").connect  # it has no types
    theirs = await connect(database=database, **told)
    with pytest.raises(ConnectionUnusable, match=r"cannot use asyncpg\.connection"):
        use_connection(theirs)
    await theirs.close()
    old = psycopg2.connect(dsn)
    with pytest.raises(ConnectionUnusable, match=r"cannot use psycopg2\.ext"):
        use_connection(old)
    old.close()


async def test_sqlalchemy_with_other_drivers_is_refused_at_the_first_call(
    dsn: str,
) -> None:
    told = r"cannot use psycopg2\.ext.*postgresql\+psycopg://"
    engine = sa.create_engine(url_of(dsn, "psycopg2"))
    with engine.connect() as connection, use_connection(connection):
        with pytest.raises(ConnectionUnusable, match=told):
            await start(shop.no_step, "you")
        connection.execute(sa.text("select 1"))
    engine.dispose()
    async_engine = aio.create_async_engine(url_of(dsn, "asyncpg"))
    async with aio.AsyncSession(async_engine) as session:
        with (
            use_connection(session),
            pytest.raises(ConnectionUnusable, match=r"cannot use asyncpg\.connection"),
        ):
            await start(shop.no_step, "you")
    await async_engine.dispose()


async def test_rows_and_cursors_of_the_callers_own_kind(
    dsn: str, conn: psycopg.Connection
) -> None:
    async with await psycopg.AsyncConnection[DictRow].connect(
        dsn, row_factory=dict_row
    ) as own:
        own.cursor_factory = psycopg.AsyncRawCursor[Any]
        with use_connection(own):
            run = await start(shop.no_step, "you")
            assert await run.status() == "pending"
        await own.commit()
    with psycopg.Connection[DictRow].connect(dsn, row_factory=dict_row) as blocking:
        blocking.cursor_factory = psycopg.ClientCursor[Any]
        with use_connection(blocking):
            again = await start(shop.no_step, "you")
            assert await again.status() == "pending"
        blocking.commit()
    assert ids(conn) == {run.run_id, again.run_id}


async def test_a_connection_in_pipeline_mode(
    own: psycopg.AsyncConnection, conn: psycopg.Connection
) -> None:
    async with own.pipeline():
        with use_connection(own):
            run = await start(shop.no_step, "you")
    await own.commit()
    async with own.pipeline():
        with use_connection(own):
            await start(shop.no_step, "never")
            # As everything that fails in a pipeline, it aborts the rest.
            with pytest.raises(HookNotFoundError):
                await shop.resume("nobody", "hello")
            with pytest.raises(psycopg.errors.PipelineAborted):
                await start(shop.no_step, "neither")
    await own.rollback()
    assert ids(conn) == {run.run_id}
