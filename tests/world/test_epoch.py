"""`World.epoch`: which history a database has, and calls that belong to another one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.support import STEP, WORKFLOW, Session, connect
from workflow_pg import HistoryCut, World
from workflow_pg.migrate import up

CALLS: dict[str, Callable[[World, str], Awaitable[object]]] = {
    "a row": lambda world, _: world.runs.create(WORKFLOW, b"in"),
    "rows": lambda world, _: world.queue.claim("worker", [WORKFLOW], [STEP], limit=9),
    "no row": lambda world, _: world.queue.remove_worker("worker"),
    "values": lambda world, _: world.queue.renew([]),
    "a read": lambda world, run_id: world.runs.get(run_id),
}


async def test_it_is_the_same_for_every_connection(world: World, db: Session) -> None:
    epoch = await world.epoch()
    assert epoch == db.value("select workflow_pg.epoch()")
    assert await world.epoch(epoch) == epoch


async def test_another_database_has_another_one(world: World, dsn: str) -> None:
    async with World(dsn) as other:
        assert await other.epoch() != await world.epoch()


async def test_a_log_that_was_made_anew_has_another_one(dsn: str) -> None:
    async with World(dsn) as world:
        before = await world.epoch()
        with connect(dsn) as session:
            session.do("drop schema workflow_pg, workflow_pg_private cascade")
        up(dsn)
        with pytest.raises(HistoryCut) as caught:
            await world.epoch(before)
        assert caught.value.detail == {
            "epoch": await world.epoch(),
            "expected": before,
        }
        assert caught.value.sqlstate == "WF409"


@pytest.mark.parametrize("kind", CALLS)
async def test_a_call_of_another_history_is_refused_as_a_whole(
    db: Session, kind: str
) -> None:
    run_id = db.new_run()
    epoch = "1-00000001-1-1"
    async with World(db.dsn, epoch=lambda: epoch) as world:
        with db.nothing_written(), pytest.raises(HistoryCut):
            await CALLS[kind](world, run_id)
        epoch = db.value("select workflow_pg.epoch()")
        await CALLS[kind](world, run_id)
