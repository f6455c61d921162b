"""The World of a test, and a worker of the shop, on a database that the test names."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from tests.sdk.apps import shop
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.worker import Worker
from workflow_pg.sdk.world import PostgresWorld


@contextlib.asynccontextmanager
async def installed(world: PostgresWorld) -> AsyncGenerator[None]:
    """Make it the World of this process while the block runs; close it then."""
    before_this = sdk.get_world()
    sdk.set_world(world)
    try:
        yield
    finally:
        await world.worlds.close()
        sdk.set_world(before_this)


@contextlib.asynccontextmanager
async def worker_on(dsn: str) -> AsyncGenerator[None]:
    """Have the World of this process there, and a worker, while the block runs."""
    world = PostgresWorld(dsn)
    async with installed(world):
        stop = asyncio.Event()
        working = asyncio.create_task(Worker(shop.wf, world).run(stop))
        try:
            yield
        finally:
            stop.set()
            await working
            shop.ran.clear()
            shop.gates.clear()
