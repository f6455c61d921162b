"""What a worker and a producer do while PostgreSQL is away."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from vercel.workflow import start

from tests.sdk.apps import shop
from tests.sdk.conftest import Working
from tests.sdk.waiting import until
from tests.servers import Server


async def test_a_worker_goes_on_after_postgresql_was_restarted(
    server: Server, working: Working, dsn: str
) -> None:
    if server.embedded is None:
        pytest.skip("the server of this run is not ours to restart")
    shop.gates["restart"] = asyncio.Event()
    async with working():
        before = await start(shop.gated, "restart")
        await until(lambda: shop.ran)
        await asyncio.to_thread(server.restart)
        shop.gates["restart"].set()
        assert await before.return_value() == "restart passed in attempt 1"
        after = await start(shop.one_step, 20, 22)
        assert await after.return_value() == 42
    assert set(shop.ran.values()) == {1}
    with psycopg.connect(dsn) as conn:
        left = conn.execute(
            "select count(*) from workflow_pg_private.messages"
        ).fetchone()
    assert left == (0,)
