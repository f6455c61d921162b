"""How many statements a run makes: what an append has left is not sent again."""

from __future__ import annotations

import asyncio

import psycopg
from psycopg.conninfo import make_conninfo
from vercel.workflow import start

from tests.sdk.apps import shop
from tests.sdk.waiting import until
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.worker import Worker
from workflow_pg.sdk.world import PostgresWorld


async def test_a_run_of_one_step_sends_nothing_but_its_start(
    direct_dsn: str, conn: psycopg.Connection
) -> None:
    # A pooler passes no options on, and its sessions do not end with ours.
    world = PostgresWorld(make_conninfo(direct_dsn, options="-c track_functions=pl"))
    before = sdk.get_world()
    sdk.set_world(world)
    stop = asyncio.Event()
    working = asyncio.create_task(Worker(shop.wf, world).run(stop))
    try:
        assert await (await start(shop.one_step, 20, 22)).return_value() == 42
    finally:
        stop.set()
        await working
        # Its sessions report what they have counted when they end.
        await world.worlds.close()
        sdk.set_world(before)
        shop.ran.clear()
    await until(lambda: calls(conn, "ack_message") == 3)
    assert calls(conn, "create_step") == calls(conn, "complete_step") == 1
    assert calls(conn, "start_run") == calls(conn, "list_events") == 2
    assert calls(conn, "send_message") == 1


def calls(conn: psycopg.Connection, name: str) -> int:
    """How often a function was called."""
    row = conn.execute(
        "select sum(calls)::int from pg_stat_user_functions where funcname = %s", [name]
    ).fetchone()
    assert row is not None
    return row[0] or 0
