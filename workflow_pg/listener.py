"""Notifications: a LISTEN connection that is made again whenever it is lost.

Hints only. The connection is made directly to the server, not through a pooler; while
it is away, whoever waits for hints polls as it always does.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable
from typing import LiteralString

__all__ = ["listening"]

log = logging.getLogger("workflow_pg")

RECONNECT_SECONDS = 1.0


@contextlib.asynccontextmanager
async def listening(
    dsn: str, listen: LiteralString, on_hint: Callable[[str], None]
) -> AsyncGenerator[None]:
    """Call ``on_hint`` at each notification and reconnect, while the block runs.

    Args:
        dsn: Connection string of the server itself.
        listen: The LISTEN statement.
        on_hint: Told the payload of a notification; empty when the connection was
            made, since what came before it was not heard.
    """
    task = asyncio.create_task(_listen(dsn, listen, on_hint))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _listen(
    dsn: str, listen: LiteralString, on_hint: Callable[[str], None]
) -> None:
    import psycopg

    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(
                dsn, autocommit=True, fallback_application_name="workflow-pg"
            )
            async with connection:
                await connection.execute(listen)
                on_hint("")
                async for notification in connection.notifies():
                    on_hint(notification.payload)
        except psycopg.Error as error:
            log.info("notifications are off, polling goes on: %s", error)
        await asyncio.sleep(RECONNECT_SECONDS)
