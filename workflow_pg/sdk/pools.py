"""One ``workflow_pg.World`` per event loop, closed when its loop goes.

An SDK World is used from whatever loop calls it: a server's for its whole life, or a
new one at each ``asyncio.run``. Connections belong to one loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from weakref import WeakKeyDictionary

from workflow_pg.world import World


class WorldPerLoop:
    """Opens a World at the first use in a loop, and checks the schema then.

    Args:
        make: Makes a World that is not open yet.
    """

    def __init__(self, make: Callable[[], World]) -> None:
        self._make = make
        self._opening: WeakKeyDictionary[
            asyncio.AbstractEventLoop, asyncio.Task[World]
        ] = WeakKeyDictionary()
        self._closers: WeakKeyDictionary[
            asyncio.AbstractEventLoop, AsyncGenerator[World]
        ] = WeakKeyDictionary()

    async def get(self) -> World:
        """The World of the running loop.

        Raises:
            SchemaUnusable: The schema is missing, half-migrated, older or newer.
            Unreachable: There is no server, or it does not let us in.
        """
        loop = asyncio.get_running_loop()
        task = self._opening.get(loop)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._opening[loop] = loop.create_task(self._open(loop))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Close the World of the running loop, if it has one."""
        loop = asyncio.get_running_loop()
        self._opening.pop(loop, None)
        closer = self._closers.pop(loop, None)
        if closer is not None:
            await closer.aclose()

    async def _open(self, loop: asyncio.AbstractEventLoop) -> World:
        # A loop closes its async generators before it goes: the only notice of its
        # end that a library gets.
        closer = self._closers[loop] = self._hold()
        return await anext(closer)

    async def _hold(self) -> AsyncGenerator[World]:
        world = self._make()
        try:
            await world.open()
            await world.check_schema()
            yield world
        finally:
            await world.close()
