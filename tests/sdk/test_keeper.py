"""The thread that renews leases, on deliveries claimed for it."""

from __future__ import annotations

from datetime import datetime

import psycopg
import pytest
from vercel.workflow import start

from tests.sdk.apps import shop
from tests.sdk.waiting import until
from workflow_pg.models import Delivery
from workflow_pg.sdk import keeper as keeping
from workflow_pg.sdk.context import Held
from workflow_pg.sdk.keeper import Keeper
from workflow_pg.sdk.world import PostgresWorld
from workflow_pg.world import World

WORKFLOWS = [f"workflow//{shop.__name__}//no_step"]
WORKER = "keeper:1:test"


async def test_a_message_that_is_claimed_again_by_its_holder_stays_kept(
    world: PostgresWorld, conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "RENEW_SECONDS", 0.1)
    await start(shop.no_step, "you")
    opened = await world.worlds.get()
    epoch = await opened.epoch()
    first = held(await claimed(opened), epoch)
    # As after an outage that was longer than the lease.
    conn.execute("update workflow_pg_private.messages set lease_until = '-infinity'")
    again = held(await claimed(opened), epoch)
    assert again.delivery.message_id == first.delivery.message_id
    with Keeper(world.make_world, beat) as keeper:
        keeper.add(first)
        keeper.add(again)
        assert first.lost
        keeper.remove(first)
        before = lease_until(conn)
        await until(lambda: lease_until(conn) > before)
        assert not again.lost


async def test_a_message_that_its_handler_gives_back_is_gone_and_not_lost(
    world: PostgresWorld,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(keeping, "RENEW_SECONDS", 0.1)
    for name in ("one", "two"):
        await start(shop.no_step, name)
    inner = await world.worlds.get()
    epoch = await inner.epoch()
    settling = held(await claimed(inner), epoch)
    taken = held(await claimed(inner), epoch)
    settling.is_settling = True
    with Keeper(world.make_world, beat) as keeper:
        keeper.add(settling)
        keeper.add(taken)
        for one in (settling, taken):
            await inner.queue.ack(one.delivery)
        await until(lambda: taken.lost)
    assert not settling.lost
    told = [one.getMessage() for one in caplog.records if "was lost" in one.message]
    assert [taken.delivery.message_id in text for text in told] == [True]
    # Nobody replays them here.
    for one in (settling, taken):
        await inner.runs.cancel(one.delivery.run_id)


async def beat(world: World) -> None:
    """Announce the worker."""
    await world.queue.heartbeat(WORKER, WORKFLOWS, [])


async def claimed(world: World) -> Delivery:
    """The one delivery that there is to claim."""
    (delivery,) = await world.queue.claim(WORKER, WORKFLOWS, [], limit=1)
    return delivery


def held(delivery: Delivery, epoch: str) -> Held:
    """The delivery as a worker holds it."""
    return Held(
        delivery=delivery, release_slot=lambda: None, epoch=epoch, on_cut=lambda: None
    )


def lease_until(conn: psycopg.Connection) -> datetime:
    """When the one lease ends."""
    row = conn.execute(
        "select lease_until from workflow_pg_private.messages"
    ).fetchone()
    assert row is not None
    return row[0]
