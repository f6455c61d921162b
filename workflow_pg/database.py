"""The connections of a World, and how a call is made on one of them."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from typing import Any, Protocol, TypeVar
from weakref import WeakSet

import psycopg
from psycopg import AsyncConnection, AsyncCursor
from psycopg.pq import Format
from psycopg.rows import tuple_row
from psycopg_pool import AsyncConnectionPool

from workflow_pg.calls.call import Call, Rows
from workflow_pg.dsn import read_dsn
from workflow_pg.errors import Unreachable, WorldClosed, translated
from workflow_pg.reach import reach

__all__ = [
    "Connection",
    "Database",
    "Facade",
    "Runner",
    "rows_of",
    "settings_of",
]

T = TypeVar("T")

Connection = AsyncConnection[Any]

_LONGEST_CONNECT_SECONDS = 5.0


def _is_news(record: logging.LogRecord) -> bool:
    """Whether what the pool says is more than that its loop has ended meanwhile.

    It warns of a connection that was cancelled half made, and Python prints a warning
    to standard error where the program has set up no logs: a script of a cron job.
    """
    told = record.args if isinstance(record.args, tuple) else ()
    return not any(isinstance(value, asyncio.CancelledError) for value in told)


logging.getLogger("psycopg.pool").addFilter(_is_news)


class Runner(Protocol):
    """What makes the calls of facades."""

    async def run(self, call: Call[T], connection: Connection | None = None) -> T:
        """Make a call, on the caller's connection if there is one."""
        ...


class Database:
    """A pool of autocommit connections that opens itself at the first call.

    Args:
        dsn: Connection string, as a URL or as ``key=value`` pairs.
        min_size: Connections to keep open.
        max_size: Connections to open at most.
        prepare_threshold: Calls after which a statement is prepared; None: never,
            as poolers in transaction mode may need it.
        timeout: Seconds that a call waits for a free connection.
        epoch: Says which epoch the caller has read in, None for whoever may be in any.
    """

    def __init__(
        self,
        dsn: str,
        *,
        min_size: int,
        max_size: int,
        prepare_threshold: int | None,
        timeout: float,
        epoch: Callable[[], str | None],
    ) -> None:
        self._dsn = dsn
        self._min_size = min_size
        self._max_size = max_size
        self._prepare_threshold = prepare_threshold
        self._timeout = timeout
        self._epoch = epoch
        self._pool: AsyncConnectionPool[Connection] | None = None
        self._guard: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()
        self._connections: WeakSet[Connection] = WeakSet()
        self._is_closed = False

    async def run(self, call: Call[T], connection: Connection | None = None) -> T:
        """Make a call on the caller's connection, or on one of the pool.

        The reply is read after the commit: a row we cannot read must not undo a
        write that the database has accepted.
        """
        if (epoch := self._epoch()) is not None:
            call = call.within(epoch)
        with translated():
            if connection is not None:
                rows = await rows_of(connection, call)
            else:
                pool = self._pool or await self.open()
                rows = await _pooled_rows(pool, call)
        return call.read(rows)

    async def open(self) -> AsyncConnectionPool[Connection]:
        """Open the pool, once.

        Raises:
            Unreachable: The string cannot be read, or the server cannot be reached.
            WorldClosed: It was closed before.
        """
        async with self._opening:
            if self._is_closed:
                raise WorldClosed("This World is closed: make a new one.")
            if self._pool is None:
                self._pool = await self._new_pool()
            return self._pool

    async def close(self) -> None:
        """Close the pool for good; calls that are under way lose their connection."""
        async with self._opening:
            self._is_closed = True
            pool, self._pool = self._pool, None
            if pool is not None:
                await self._close_pool(pool)

    async def _close_pool(self, pool: AsyncConnectionPool[Connection]) -> None:
        try:
            await pool.close()
            if self._guard is not None:
                self._guard.cancel()
                await asyncio.wait([self._guard])
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            # Not we but the pool's own tasks were cancelled: so it is when an event
            # loop ends. The pool stops there and leaves its connections open.
        for connection in list(self._connections):
            await connection.close()

    async def _close_with_loop(self, pool: AsyncConnectionPool[Connection]) -> None:
        """Close the pool when the loop cancels its tasks, as it does at its end.

        A task of the pool that is cancelled while it makes a connection forgets about
        it, and the loop would wait for that task forever.
        """
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await pool.close()

    async def _remember(self, connection: Connection) -> None:
        self._connections.add(connection)

    async def _new_pool(self) -> AsyncConnectionPool[Connection]:
        settings = settings_of(self._dsn, self._timeout, self._prepare_threshold)
        await reach(self._dsn, settings)
        pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            self._dsn,
            kwargs=settings,
            min_size=self._min_size,
            max_size=self._max_size,
            timeout=self._timeout,
            # Not the pool's five minutes: its pauses double, and after an outage it
            # would pause on, for as long as that was. A call that waits begins anew.
            reconnect_timeout=self._timeout,
            configure=self._remember,
            open=False,
        )
        try:
            # Until the first one is there: a call that has to wait makes the pool grow,
            # and a program that is over by then would leave a connection half made.
            await pool.open(wait=True, timeout=self._timeout)
        except BaseException:
            await pool.close()
            raise
        self._guard = asyncio.create_task(self._close_with_loop(pool))
        return pool


class Facade:
    """What all facades are: names for calls."""

    def __init__(self, database: Runner) -> None:
        self._database = database


def settings_of(
    dsn: str, timeout: float, prepare_threshold: int | None
) -> dict[str, Any]:
    """How connections of a pool are made.

    Raises:
        Unreachable: The string cannot be read.
    """
    try:
        given = read_dsn(dsn)
    except ValueError as error:
        raise Unreachable(str(error)) from None
    seconds = math.ceil(min(timeout, _LONGEST_CONNECT_SECONDS))
    return {
        "connect_timeout": given.get("connect_timeout", seconds),
        "fallback_application_name": "workflow-pg",
        "client_encoding": "utf8",
        "autocommit": True,
        "prepare_threshold": prepare_threshold,
    }


async def _pooled_rows(pool: AsyncConnectionPool[Connection], call: Call[Any]) -> Rows:
    async with pool.connection() as connection:
        try:
            return await rows_of(connection, call)
        except psycopg.OperationalError:
            if connection.broken:
                # What ended one connection has ended the idle ones too: without this
                # each of them would fail another call.
                await pool.check()
            raise


async def rows_of(connection: Connection, call: Call[Any]) -> Rows:
    """Send the statement of a call."""
    # The caller's connection may make other rows and other cursors. Binary, because
    # payloads are half the size then and times do not depend on the session.
    async with AsyncCursor(connection, row_factory=tuple_row) as cursor:
        cursor.format = Format.BINARY
        await cursor.execute(call.text, call.arguments)
        return await cursor.fetchall()
