"""A worker of the shop, in the test's own loop, on a database that the test names."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from tests.sdk.apps import shop
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.worker import Worker
from workflow_pg.sdk.world import PostgresWorld


@contextlib.asynccontextmanager
async def worker_on(dsn: str) -> AsyncGenerator[None]:
    """Have the World of this process there, and a worker, while the block runs."""
    world = PostgresWorld(dsn)
    before_this = sdk.get_world()
    sdk.set_world(world)
    stop = asyncio.Event()
    working = asyncio.create_task(Worker(shop.wf, world).run(stop))
    try:
        yield
    finally:
        stop.set()
        await working
        await world.worlds.close()
        sdk.set_world(before_this)
        shop.ran.clear()
        shop.gates.clear()
