"""`world.runs.wait_for_final_status`: told, polled, and ended early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.sdk.waiting import until
from tests.support import Session, new_run_id
from workflow_pg import MalformedCall, NotFound, RunStatus, World, WorldClosed, watcher


@pytest_asyncio.fixture
async def deaf(db: Session, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A World that hears of nothing, as if each notification was lost."""
    monkeypatch.setattr(watcher, "POLL_SECONDS", 0.1)
    async with World(db.dsn, listen_dsn="host=127.0.0.1 port=1") as world:
        yield world


@pytest.fixture
def rarely_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes sooner than a test may take came by notification."""
    monkeypatch.setattr(watcher, "POLL_SECONDS", 3600.0)


async def announced(db: Session, count: int = 1) -> None:
    """Wait until so many waiters are announced."""
    query = "select count(*) from workflow_pg_private.run_waiters"
    await until(lambda: db.value(query) == count)


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
async def test_a_run_that_is_final_is_returned_at_once(
    world: World, db: Session, status: str
) -> None:
    run_id = db.new_run(status)
    with db.nothing_written():
        run = await world.runs.wait_for_final_status(run_id)
    assert (run.status, run.input) == (RunStatus(status), b"in")


@pytest.mark.usefixtures("rarely_polling")
@pytest.mark.parametrize("end", ["run_completed", "run_failed", "run_cancelled"])
async def test_who_waits_is_notified_of_the_end(
    world: World, db: Session, end: str
) -> None:
    run_id = db.new_run()
    waiting = asyncio.create_task(world.runs.wait_for_final_status(run_id))
    await announced(db)
    db.append(run_id, end, payload=b"out" if end != "run_cancelled" else None)
    run = await waiting
    assert f"run_{run.status}" == end


async def test_a_lost_notification_is_made_up_for_by_the_poll(
    deaf: World, db: Session
) -> None:
    run_id = db.new_run()
    waiting = asyncio.create_task(deaf.runs.wait_for_final_status(run_id, timeout=60))
    await asyncio.sleep(0)
    db.append(run_id, "run_completed", payload=b"out")
    assert (await waiting).output == b"out"


async def test_when_the_time_is_over_the_run_is_returned_as_it_is(
    deaf: World, db: Session
) -> None:
    run_id = db.new_run()
    for timeout in (0.0, 0.05):
        run = await deaf.runs.wait_for_final_status(
            run_id, timeout=timeout, with_input=False
        )
        assert (run.status, run.completed_at, run.input) == ("running", None, None)


async def test_a_run_that_is_not_there_is_not_waited_for(world: World) -> None:
    with pytest.raises(NotFound):
        await world.runs.wait_for_final_status(new_run_id())


async def test_a_run_that_is_deleted_meanwhile_ends_the_wait(
    deaf: World, db: Session
) -> None:
    run_id = db.new_run()
    waiting = asyncio.create_task(deaf.runs.wait_for_final_status(run_id))
    await asyncio.sleep(0)
    db.do("begin")
    db.append(run_id, "run_completed")
    db.call("delete_run", run_id=run_id)
    db.do("commit")
    with pytest.raises(NotFound):
        await waiting


@pytest.mark.usefixtures("rarely_polling")
async def test_many_who_wait_share_one_connection(db: Session) -> None:
    async with World(db.dsn, max_size=2) as world:
        runs = [db.new_run() for _ in range(20)]
        waiting = [
            asyncio.create_task(world.runs.wait_for_final_status(run_id))
            for run_id in runs * 2
        ]
        await announced(db, 20)
        query = (
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and application_name = 'workflow-pg'"
        )
        assert db.value(query) <= 3
        db.call("cancel_runs", run_ids=runs)
        found = await asyncio.gather(*waiting)
        assert [run.run_id for run in found] == runs * 2


async def test_who_is_cancelled_leaves_nothing_behind(
    world: World, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "LINGER_SECONDS", 0.1)
    run_id = db.new_run()
    waiting = asyncio.create_task(world.runs.wait_for_final_status(run_id))
    await announced(db)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await announced(db, 0)


async def test_a_world_that_is_closed_fails_those_who_wait(db: Session) -> None:
    run_id = db.new_run()
    async with World(db.dsn) as world:
        waiting = asyncio.create_task(world.runs.wait_for_final_status(run_id))
        await announced(db)
    with pytest.raises(WorldClosed):
        await waiting


async def test_announce_says_who_need_not_wait(world: World, db: Session) -> None:
    live, final = db.new_run(), db.new_run("failed")
    runs = world.runs
    told = await runs.announce_waiters(["a", "b"], [live, final])
    assert told == {"b"}
    await announced(db, 2)
    await runs.withdraw_waiters(["a", "b"], [live, final])
    await announced(db, 0)
    with db.nothing_written():
        assert not await runs.announce_waiters(["a"], [live], hints_for=None)
        with pytest.raises(MalformedCall, match="one length"):
            await runs.announce_waiters(["a"], [])
