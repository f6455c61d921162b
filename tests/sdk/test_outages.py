"""What a worker and a producer do while PostgreSQL is away."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from vercel.workflow import start

from tests.sdk.apps import shop
from tests.sdk.hands import installed, worker_on
from tests.sdk.waiting import until
from tests.servers import NoServerError, choose_binaries, wanted_major
from workflow_pg import Unreachable
from workflow_pg.embedded import EmbeddedServer
from workflow_pg.migrate import up
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.worker import Worker
from workflow_pg.sdk.world import PostgresWorld
from workflow_pg.world import World


@pytest.fixture
def own_server() -> Iterator[EmbeddedServer]:
    """A migrated server that only this test uses, so that it may be restarted."""
    try:
        binaries = choose_binaries(wanted_major())
    except NoServerError as error:
        pytest.skip(str(error))
    with EmbeddedServer(binaries=binaries) as server:
        up(server.dsn())
        yield server


async def test_a_worker_goes_on_after_postgresql_was_restarted(
    own_server: EmbeddedServer,
) -> None:
    shop.gates["restart"] = asyncio.Event()
    async with worker_on(own_server.dsn()):
        before = await start(shop.gated, "restart")
        await until(lambda: shop.ran)
        await asyncio.to_thread(own_server.restart)
        shop.gates["restart"].set()
        assert await before.return_value() == "restart passed in attempt 1"
        after = await start(shop.one_step, 20, 22)
        assert await after.return_value() == 42
        assert set(shop.ran.values()) == {1}
    left = "select count(*) from workflow_pg_private.messages"
    with psycopg.connect(own_server.dsn()) as conn:
        assert conn.execute(left).fetchone() == (0,)


async def test_a_worker_whose_database_is_gone_can_be_stopped_with_work_in_hand(
    own_server: EmbeddedServer,
) -> None:
    world = PostgresWorld(own_server.dsn())
    before_this = sdk.get_world()
    sdk.set_world(world)
    shop.gates["gone"] = asyncio.Event()
    stop = asyncio.Event()
    working = asyncio.create_task(Worker(shop.wf, world, grace=0).run(stop))
    try:
        await start(shop.gated, "gone")
        await until(lambda: shop.ran)
        await asyncio.to_thread(own_server.stop, immediate=True)
        stop.set()
        # It cannot give the step back: the end of the lease will do that.
        await asyncio.wait_for(working, 30)
    finally:
        await world.worlds.close()
        sdk.set_world(before_this)
        shop.ran.clear()
        shop.gates.clear()


@pytest.mark.one_major
async def test_a_start_waits_for_a_server_that_was_never_there(
    own_server: EmbeddedServer, caplog: pytest.LogCaptureFixture
) -> None:
    await asyncio.to_thread(own_server.stop)
    with caplog.at_level(logging.INFO, "workflow_pg"):
        async with installed(PostgresWorld(own_server.dsn())):
            starting = asyncio.create_task(start(shop.no_step, "you"))
            await until(lambda: "trying again" in caplog.text)
            await asyncio.to_thread(own_server.start)
            run = await asyncio.wait_for(starting, 30)
            assert await run.status() == "pending"


async def test_a_start_that_can_never_be_made_is_refused_at_once(
    direct_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "workflow_pg"):
        nowhere = PostgresWorld(make_conninfo(direct_dsn, dbname="nowhere"))
        async with installed(nowhere):
            with pytest.raises(Unreachable, match="nowhere"):
                await start(shop.no_step, "you")
        nowhere = PostgresWorld(make_conninfo(direct_dsn, host="db.invalid"))
        async with installed(nowhere):
            with pytest.raises(Unreachable, match="resolve"):
                await start(shop.no_step, "you")
    assert "trying again" not in caplog.text


@pytest.mark.one_major
async def test_an_outage_is_over_when_the_server_is_back(
    own_server: EmbeddedServer,
) -> None:
    async with World(own_server.dsn(), timeout=1) as world:
        await world.runs.list()
        await asyncio.to_thread(own_server.stop)
        loop = asyncio.get_running_loop()
        until_then = loop.time() + 8
        while loop.time() < until_then:
            with pytest.raises(psycopg.OperationalError):
                await world.runs.list()
        await asyncio.to_thread(own_server.start)
        # A pool that pauses for as long as it was cut off would take seconds more.
        async with asyncio.timeout(4):
            while True:
                with contextlib.suppress(psycopg.OperationalError):
                    await world.runs.list()
                    break
