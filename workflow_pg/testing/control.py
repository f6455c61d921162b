"""A test's hand on its database: moves the clock, lets workers die."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from workflow_pg.sdk.keeper import LEASE
from workflow_pg.testing import calls

__all__ = ["Control"]


class Control:
    """One connection of its own, as the owner of the schema.

    Args:
        dsn: The database.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: AsyncConnection[Any] | None = None
        self._hurried_at: datetime | None = None

    async def close(self) -> None:
        """Disconnect."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def move_clock(
        self, offset: timedelta, *, by: timedelta, tokens: Iterable[UUID]
    ) -> None:
        """Let the clock run ahead by an offset.

        Args:
            offset: From the wall clock.
            by: How much further that is than before.
            tokens: Leases that are to be as fresh as before.
        """
        connection = await self._connected()
        kept = {"by": by, "tokens": list(tokens)}
        async with connection.transaction():
            await connection.execute(calls.clock(offset))
            await connection.execute(calls.KEEP_LEASES, kept)

    async def hurry(self) -> None:
        """Make what is due now claimable now."""
        cursor = await (await self._connected()).execute(calls.HURRY)
        (self._hurried_at,) = await cursor.fetchone() or (None,)

    async def next_due(self, tokens: Iterable[UUID]) -> datetime | None:
        """When something happens next; it may have become due since ``hurry``.

        Args:
            tokens: Leases that are held, whose ends are no such thing.
        """
        connection = await self._connected()
        asked = {"tokens": list(tokens), "since": self._hurried_at}
        cursor = await connection.execute(calls.NEXT_DUE, asked)
        row = await cursor.fetchone()
        return row and row[0]

    async def abandon(self, tokens: Iterable[UUID]) -> None:
        """Let leases end as those of a dead worker do, 15 s from now."""
        abandoned = {"lease": LEASE, "tokens": list(tokens)}
        await (await self._connected()).execute(calls.ABANDON, abandoned)

    async def _connected(self) -> AsyncConnection[Any]:
        # A task that is cancelled in a query loses its connection.
        if self._connection is None or self._connection.closed:
            self._connection = await AsyncConnection.connect(self._dsn, autocommit=True)
        return self._connection
