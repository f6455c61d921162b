"""How the SDK's World makes a call: on whose connection, and when it is repeated."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from workflow_pg import errors
from workflow_pg.sdk.context import current_epoch, in_hand, noticing_cuts
from workflow_pg.sdk.errors import translate
from workflow_pg.sdk.joining import Joining, current_block
from workflow_pg.sdk.pools import WorldPerLoop
from workflow_pg.sdk.retry import PRODUCER_SECONDS, persist
from workflow_pg.world import World

T = TypeVar("T")


class Calls:
    """The Worlds of our own on one database, one for each event loop.

    Args:
        dsn: Where the schema is installed.
        listen_dsn: Direct connection for notifications; default is ``dsn``.
        prepare_threshold: See ``use_postgres``.
        max_size: Connections per event loop, at most.
    """

    def __init__(
        self,
        dsn: str,
        *,
        listen_dsn: str | None,
        prepare_threshold: int | None,
        max_size: int,
    ) -> None:
        self.dsn = dsn
        self.listen_dsn = listen_dsn or dsn
        self.prepare_threshold = prepare_threshold
        self.max_size = max_size
        self.worlds = WorldPerLoop(self.make_world)
        self._joining = Joining(self.make_world, self._call_beside)

    def make_world(self, max_size: int | None = None) -> World:
        """A World of our own on the same database, not open yet."""
        return World(
            self.dsn,
            max_size=max_size or self.max_size,
            prepare_threshold=self.prepare_threshold,
            listen_dsn=self.listen_dsn,
            epoch=current_epoch,
        )

    async def call(self, use: Callable[[World], Awaitable[T]]) -> T:
        """Make one call: inside `use_connection` on that connection, once."""
        block = current_block()
        if block is None:
            return await self.call_own(use)
        with noticing_cuts():
            return await use(self._joining.world_of(block))

    async def call_own(self, use: Callable[[World], Awaitable[T]]) -> T:
        """Make one call, repeated while the database or the way to it fails.

        A worker goes on as long as it holds its lease, a producer for 30 s.
        """

        async def attempt() -> T:
            return await use(await self.worlds.get())

        def may_go_on(seconds: float) -> bool:
            held = in_hand()
            return seconds < PRODUCER_SECONDS if held is None else not held.lost

        with noticing_cuts():
            return await persist(attempt, may_go_on)

    async def _call_beside(self, use: Callable[[World], Awaitable[T]]) -> T:
        """The same beside a caller's transaction, which waits for no server to come."""
        await self.worlds.get()
        return await self.call_own(use)

    async def _open(self) -> World:
        async def opened(world: World) -> World:
            return world

        return await self.call_own(opened)

    async def _get(self, use: Callable[[World], Awaitable[T]]) -> T:
        try:
            return await self.call(use)
        except errors.Refusal as refusal:
            raise translate(refusal) from refusal

    async def _get_own(self, use: Callable[[World], Awaitable[T]]) -> T:
        try:
            return await self.call_own(use)
        except errors.Refusal as refusal:
            raise translate(refusal) from refusal
