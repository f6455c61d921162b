"""One call on a connection of the caller's: what is sent, and what a failure undoes.

Never repeated: whoever owns the transaction repeats all of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from psycopg import AsyncConnection, Connection, Cursor
from psycopg.pq import Format, PipelineStatus, TransactionStatus
from psycopg.rows import tuple_row

from workflow_pg.calls import savepoint
from workflow_pg.calls.call import Call
from workflow_pg.database import rows_of

T = TypeVar("T")

Driver = AsyncConnection[Any] | Connection[Any]

_UNDOABLE = {TransactionStatus.INTRANS, TransactionStatus.INERROR}


async def make(driver: Driver, call: Call[T], *, in_savepoint: bool) -> T:
    """Make a call and read its answer.

    One that blocks does so in a thread. When it is cancelled it cancels its statement
    and returns when that has ended: what was sent after the caller's rollback would be
    a part of the next transaction.
    """
    # In autocommit, outside a transaction, there is nothing to be saved; and a pipeline
    # is aborted to its end by what fails in it.
    is_alone = driver.autocommit and _status(driver) == TransactionStatus.IDLE
    is_pipeline = driver.pgconn.pipeline_status != PipelineStatus.OFF
    is_guarded = in_savepoint and not is_alone and not is_pipeline
    if isinstance(driver, AsyncConnection):
        if is_guarded:
            return await _guarded(driver, call)
        return call.read(await rows_of(driver, call))
    how = _guarded_blocking if is_guarded else _blocking
    return await in_thread(lambda: how(driver, call), on_cancel=driver.cancel_safe)


async def in_thread(
    work: Callable[[], T], *, on_cancel: Callable[[], object] | None = None
) -> T:
    """Do some work in a thread, and be done only when it is done."""
    loop = asyncio.get_running_loop()
    done = loop.run_in_executor(None, work)
    try:
        return await asyncio.shield(done)
    except asyncio.CancelledError:
        if on_cancel is not None and not done.done():
            await asyncio.wait([loop.run_in_executor(None, on_cancel)])
        await asyncio.wait([done])
        if not done.cancelled():
            # Seen: the cancellation is what the caller hears of.
            done.exception()
        raise


async def _guarded(connection: AsyncConnection[Any], call: Call[T]) -> T:
    await connection.execute(savepoint.SET, prepare=False)
    try:
        found = call.read(await rows_of(connection, call))
    except BaseException:
        # In a transaction that is not aborted, the answer could not be read.
        if _status(connection) in _UNDOABLE:
            await connection.execute(savepoint.ROLL_BACK, prepare=False)
            await connection.execute(savepoint.RELEASE, prepare=False)
        raise
    await connection.execute(savepoint.RELEASE, prepare=False)
    return found


def _guarded_blocking(connection: Connection[Any], call: Call[T]) -> T:
    connection.execute(savepoint.SET, prepare=False)
    try:
        found = _blocking(connection, call)
    except BaseException:
        # In a transaction that is not aborted, the answer could not be read.
        if _status(connection) in _UNDOABLE:
            connection.execute(savepoint.ROLL_BACK, prepare=False)
            connection.execute(savepoint.RELEASE, prepare=False)
        raise
    connection.execute(savepoint.RELEASE, prepare=False)
    return found


def _blocking(connection: Connection[Any], call: Call[T]) -> T:
    # As `rows_of` does, and for its reasons.
    with Cursor(connection, row_factory=tuple_row) as cursor:
        cursor.format = Format.BINARY
        cursor.execute(call.text, call.arguments)
        return call.read(cursor.fetchall())


def _status(driver: Driver) -> TransactionStatus:
    return driver.info.transaction_status
