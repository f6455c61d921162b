"""A task that a handler has started, after the end of its delivery."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from vercel.workflow import WorkflowWorldError, start

from tests.sdk.apps import shop
from tests.sdk.test_keeper import claimed, held
from workflow_pg.sdk import calling
from workflow_pg.sdk.context import in_epoch
from workflow_pg.sdk.deliveries import handle
from workflow_pg.sdk.world import PostgresWorld
from workflow_pg.world import World

CUT = "1-00000001-1-1"


async def left_by_a_delivery(world: PostgresWorld, *, lost: bool) -> asyncio.Task[str]:
    """A task that starts a run once its delivery is over and its history is cut."""
    await start(shop.no_step, "you")
    inner = await world.worlds.get()
    one = held(await claimed(inner), await inner.epoch())
    is_over = asyncio.Event()
    left: list[asyncio.Task[str]] = []

    async def later() -> str:
        await is_over.wait()
        return (await start(shop.no_step, "later")).run_id

    async def handler(message: Any, **about: Any) -> None:
        with in_epoch(CUT):
            left.append(asyncio.create_task(later()))
        one.lost = lost

    await asyncio.create_task(handle(inner, handler, one, lambda _: None))
    # Nobody replays it here.
    await inner.runs.cancel(one.delivery.run_id)
    is_over.set()
    return left[0]


async def test_it_is_a_producer_when_the_delivery_has_ended_well(
    world: PostgresWorld, conn: psycopg.Connection
) -> None:
    run_id = await (await left_by_a_delivery(world, lost=False))
    query = "select from workflow_pg.runs where run_id = %s"
    assert conn.execute(query, [run_id]).rowcount == 1


async def test_it_stays_fenced_when_the_delivery_was_lost(world: PostgresWorld) -> None:
    task = await left_by_a_delivery(world, lost=True)
    with pytest.raises(WorkflowWorldError, match="restored or failed over"):
        await task


async def test_it_repeats_its_calls_no_longer_than_a_producer(
    world: PostgresWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "PRODUCER_SECONDS", 0.2)
    await start(shop.no_step, "you")
    inner = await world.worlds.get()
    one = held(await claimed(inner), await inner.epoch())
    left: list[asyncio.Task[None]] = []

    async def fail(_: World) -> None:
        raise psycopg.OperationalError("the connection is lost")

    async def handler(message: Any, **about: Any) -> None:
        left.append(asyncio.create_task(world.call_own(fail)))

    await asyncio.create_task(handle(inner, handler, one, lambda _: None))
    # Nobody replays it here.
    await inner.runs.cancel(one.delivery.run_id)
    with pytest.raises(psycopg.OperationalError, match="the connection is lost"):
        await asyncio.wait_for(left[0], 10)
