"""The connections of a SyncWorld, and how a call is made on one of them."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, Protocol, TypeVar

import psycopg
from psycopg import Cursor
from psycopg.pq import Format
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool

from workflow_pg.calls.call import Call, Rows
from workflow_pg.database import settings_of
from workflow_pg.errors import WorldClosed, translated
from workflow_pg.reach import reach_blocking

__all__ = ["Connection", "Database", "Facade", "Runner", "rows_of"]

T = TypeVar("T")

Connection = psycopg.Connection[Any]


class Runner(Protocol):
    """What makes the calls of facades."""

    def run(self, call: Call[T], connection: Connection | None = None) -> T:
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
        self._pool: ConnectionPool[Connection] | None = None
        self._opening = Lock()
        self._is_closed = False

    def run(self, call: Call[T], connection: Connection | None = None) -> T:
        """Make a call on the caller's connection, or on one of the pool.

        The reply is read after the commit: a row we cannot read must not undo a
        write that the database has accepted.
        """
        if (epoch := self._epoch()) is not None:
            call = call.within(epoch)
        with translated():
            if connection is not None:
                rows = rows_of(connection, call)
            else:
                rows = _pooled_rows(self._pool or self.open(), call)
        return call.read(rows)

    def open(self) -> ConnectionPool[Connection]:
        """Open the pool, once.

        Raises:
            Unreachable: The string cannot be read, or the server cannot be reached.
            WorldClosed: It was closed before.
        """
        with self._opening:
            if self._is_closed:
                raise WorldClosed("This World is closed: make a new one.")
            if self._pool is None:
                self._pool = self._new_pool()
            return self._pool

    def close(self) -> None:
        """Close the pool for good; calls that are under way end first."""
        with self._opening:
            self._is_closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def _new_pool(self) -> ConnectionPool[Connection]:
        settings = settings_of(self._dsn, self._timeout, self._prepare_threshold)
        reach_blocking(self._dsn, settings)
        pool: ConnectionPool[Connection] = ConnectionPool(
            self._dsn,
            kwargs=settings,
            min_size=self._min_size,
            max_size=self._max_size,
            timeout=self._timeout,
            # As in the async one: a call that waits begins anew after an outage.
            reconnect_timeout=self._timeout,
            open=False,
        )
        try:
            pool.open(wait=True, timeout=self._timeout)
        except BaseException:
            pool.close()
            raise
        return pool


class Facade:
    """What all facades are: names for calls."""

    def __init__(self, database: Runner) -> None:
        self._database = database


def _pooled_rows(pool: ConnectionPool[Connection], call: Call[Any]) -> Rows:
    with pool.connection() as connection:
        try:
            return rows_of(connection, call)
        except psycopg.OperationalError:
            if connection.broken:
                # What ended one connection has ended the idle ones too: without this
                # each of them would fail another call.
                pool.check()
            raise


def rows_of(connection: Connection, call: Call[Any]) -> Rows:
    """Send the statement of a call."""
    # The caller's connection may make other rows and other cursors. Binary, because
    # payloads are half the size then and times do not depend on the session.
    with Cursor(connection, row_factory=tuple_row) as cursor:
        cursor.format = Format.BINARY
        cursor.execute(call.text, call.arguments)
        return cursor.fetchall()
