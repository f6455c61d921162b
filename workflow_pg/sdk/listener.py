"""Hints that there is something to claim: one LISTEN connection per worker.

A hint only. The connection is made directly to the server, not through a pooler; when
it is lost it is made again, and meanwhile the worker polls as it always does.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable

log = logging.getLogger("workflow_pg")

RECONNECT_SECONDS = 1.0


@contextlib.asynccontextmanager
async def listening(dsn: str, on_hint: Callable[[], None]) -> AsyncGenerator[None]:
    """Call ``on_hint`` at each notification and reconnect, while the block runs."""
    task = asyncio.create_task(_listen(dsn, on_hint))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _listen(dsn: str, on_hint: Callable[[], None]) -> None:
    import psycopg

    from workflow_pg.calls.queue import LISTEN

    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(dsn, autocommit=True)
            async with connection:
                await connection.execute(LISTEN)
                on_hint()
                async for _ in connection.notifies():
                    on_hint()
        except psycopg.Error as error:
            log.info("notifications are off, polling goes on: %s", error)
        await asyncio.sleep(RECONNECT_SECONDS)
