"""A World on the test's database, and workers in the test's own loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from vercel.workflow import Workflows

from tests.sdk.apps import shop
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.worker import Worker
from workflow_pg.sdk.world import PostgresWorld

Working = Callable[..., AbstractAsyncContextManager[Worker]]


@pytest.fixture
async def world(dsn: str) -> AsyncIterator[PostgresWorld]:
    """The World of this process for one test."""
    world = PostgresWorld(dsn, max_size=12)
    before = sdk.get_world()
    sdk.set_world(world)
    try:
        yield world
    finally:
        await world.worlds.close()
        sdk.set_world(before)
        shop.ran.clear()
        shop.gates.clear()


@pytest.fixture
def working(world: PostgresWorld) -> Working:
    """`async with working():` runs a worker for the shop while the block runs."""

    @contextlib.asynccontextmanager
    async def run(
        registry: Workflows = shop.wf, **options: Any
    ) -> AsyncGenerator[Worker]:
        worker = Worker(registry, world, **options)
        stop = asyncio.Event()
        task = asyncio.create_task(worker.run(stop))
        try:
            yield worker
        finally:
            stop.set()
            await task

    return run
