"""`SyncWorld.runs.wait_for_final_status`: told, polled, and ended early."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.sdk.waiting import until
from tests.support import Session, new_run_id
from workflow_pg import NotFound, RunStatus, SyncWorld, WorldClosed
from workflow_pg.sync import watcher

DEAF = "host=127.0.0.1 port=1"


def waiters(db: Session) -> int:
    """How many waiters are announced."""
    return db.value("select count(*) from workflow_pg_private.run_waiters")


async def test_who_waits_is_notified_of_the_end(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "POLL_SECONDS", 3600.0)
    run_id = db.new_run()
    with SyncWorld(db.dsn) as world, ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(world.runs.wait_for_final_status, run_id)
        await until(lambda: waiters(db) == 1)
        db.append(run_id, "run_completed", payload=b"out")
        assert waiting.result(30).output == b"out"
    assert waiters(db) == 0


async def test_a_lost_notification_is_made_up_for_by_the_poll(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "POLL_SECONDS", 0.05)
    run_id = db.new_run()
    with (
        SyncWorld(db.dsn, listen_dsn=DEAF) as world,
        ThreadPoolExecutor(1) as threads,
    ):
        waiting = threads.submit(world.runs.wait_for_final_status, run_id)
        db.append(run_id, "run_cancelled")
        assert waiting.result(30).status is RunStatus.CANCELLED


def test_the_time_is_over_before_the_run_is(db: Session) -> None:
    run_id = db.new_run()
    with SyncWorld(db.dsn) as world:
        for timeout in (0, 0.05):
            run = world.runs.wait_for_final_status(run_id, timeout=timeout)
            assert run.status is RunStatus.RUNNING
        with pytest.raises(NotFound):
            world.runs.wait_for_final_status(new_run_id())


async def test_closing_it_fails_who_waits(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "POLL_SECONDS", 0.05)
    run_id = db.new_run()
    world = SyncWorld(db.dsn)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(world.runs.wait_for_final_status, run_id)
        await until(lambda: waiters(db) == 1)
        world.close()
        with pytest.raises(WorldClosed):
            waiting.result(30)
