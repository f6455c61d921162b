"""A World on the test's database, and workers in the test's own loop.

With WORKFLOW_PG_TEST_POOLER=1, as `make test-pgbouncer` sets it, `dsn` leads through
pgbouncer, and so do the World and whatever else a test connects with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from vercel.workflow import Workflows

from tests.pooler import Pooler, open_pooler, program
from tests.sdk.apps import shop
from tests.servers import Server
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.worker import Worker
from workflow_pg.sdk.world import PostgresWorld

Working = Callable[..., AbstractAsyncContextManager[Worker]]


IS_POOLED = os.environ.get("WORKFLOW_PG_TEST_POOLER", "") not in {"", "0"}


@pytest.fixture(scope="session")
def pooler(server: Server) -> Iterator[Pooler]:
    """pgbouncer in transaction mode before the server; skips where it is absent."""
    found = program()
    if found is None:
        reason = "pgbouncer is not installed: on Debian, apt-get install pgbouncer"
        (pytest.fail if IS_POOLED else pytest.skip)(reason)
    with open_pooler(server, found) as pooler:
        yield pooler


if IS_POOLED:

    @pytest.fixture
    def dsn(direct_dsn: str, pooler: Pooler) -> str:
        """The address of the test's database, through the pooler."""
        return pooler.through(direct_dsn)


def make_world(dsn: str, direct_dsn: str) -> PostgresWorld:
    """A World as one configures it, with a pooler or without."""
    if dsn == direct_dsn:
        return PostgresWorld(dsn, max_size=12)
    return PostgresWorld(
        dsn, max_size=12, listen_dsn=direct_dsn, prepare_threshold=None
    )


@pytest.fixture
async def world(dsn: str, direct_dsn: str) -> AsyncIterator[PostgresWorld]:
    """The World of this process for one test."""
    world = make_world(dsn, direct_dsn)
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
