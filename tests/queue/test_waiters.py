"""Who waits for the end of a run, who is told of it, and who only polls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.support import Session, connect, new_run_id


@pytest.fixture
def listener(db: Session) -> Iterator[Session]:
    """A session that hears of the ends of runs."""
    with connect(db.dsn) as session:
        session.do("listen workflow_pg_runs")
        yield session


def heard(listener: Session) -> list[str]:
    """What was sent since it was last asked: a marker of our own ends the wait."""
    with connect(listener.dsn) as other:
        other.do("select pg_notify('workflow_pg_runs', 'the end')")
    payloads: list[str] = []
    for notification in listener.conn.notifies(timeout=30):
        if notification.payload == "the end":
            return payloads
        payloads.append(notification.payload)
    raise AssertionError("not even the marker came")


def announce(db: Session, run_id: str, *waiters: str, **options: Any) -> list[str]:
    """Those of the waiters that need not wait."""
    told = waiters or ("waiter",)
    found = db.call(
        "announce_waiters",
        waiter_ids=list(told),
        run_ids=[run_id] * len(told),
        **options,
    )
    return [row["announce_waiters"] for row in found]


@pytest.mark.parametrize("end", ["completed", "failed", "cancelled"])
def test_nobody_is_notified_who_has_not_announced_itself(
    db: Session, listener: Session, end: str
) -> None:
    db.new_run(end)
    announce(db, db.new_run())
    assert heard(listener) == []


@pytest.mark.parametrize("end", ["run_completed", "run_failed", "run_cancelled"])
def test_each_waiter_is_told_of_the_end_in_its_transaction(
    db: Session, listener: Session, end: str
) -> None:
    run_id = db.new_run()
    assert announce(db, run_id, "a", "b") == []
    db.do("begin")
    db.append(run_id, end)
    assert heard(listener) == []
    db.do("commit")
    assert sorted(heard(listener)) == ["a", "b"]
    assert announce(db, run_id, "a", "b") == ["a", "b"]


def test_runs_that_are_cancelled_together_or_end_in_a_batch_tell_their_waiters(
    db: Session, listener: Session
) -> None:
    runs = [db.new_run() for _ in range(3)]
    for number, run_id in enumerate(runs):
        announce(db, run_id, f"w_{number}")
    db.call("cancel_runs", run_ids=runs[:2])
    assert sorted(heard(listener)) == ["w_0", "w_1"]
    db.call("append_events", run_id=runs[2], event_types=["run_completed"])
    assert heard(listener) == ["w_2"]


def test_an_event_that_does_not_end_the_run_tells_nobody(
    db: Session, listener: Session
) -> None:
    run_id = db.new_run("pending")
    announce(db, run_id)
    db.append(run_id, "run_started")
    db.new_step(run_id, status="completed")
    assert heard(listener) == []


def test_who_has_withdrawn_or_whose_time_is_over_is_not_told(
    db: Session, listener: Session
) -> None:
    withdrawn, expired = db.new_run(), db.new_run()
    announce(db, withdrawn)
    announce(db, expired, hints_for=timedelta(seconds=30))
    db.call("withdraw_waiters", waiter_ids=["waiter", "x"], run_ids=[withdrawn] * 2)
    db.set_clock(timedelta(seconds=31))
    db.append(withdrawn, "run_completed")
    db.append(expired, "run_completed")
    assert heard(listener) == []


def test_an_announcement_is_written_again_only_when_that_is_needed(
    db: Session,
) -> None:
    run_id = db.new_run()
    db.set_clock(db.now())
    announce(db, run_id)
    db.set_clock(db.now() + timedelta(seconds=14))
    with db.nothing_written():
        announce(db, run_id)
        announce(db, run_id, "other", hints_for=None)
    db.set_clock(db.now() + timedelta(seconds=2))
    announce(db, run_id)
    expires_at = db.value("select expires_at from workflow_pg_private.run_waiters")
    assert expires_at == db.now() + timedelta(seconds=30)


def test_who_waits_for_a_run_that_is_not_there_need_not_wait(db: Session) -> None:
    assert announce(db, new_run_id()) == ["waiter"]


def test_waiters_that_are_not_heard_of_again_are_forgotten(db: Session) -> None:
    run_id = db.new_run()
    announce(db, run_id, "old")
    db.set_clock(timedelta(seconds=20))
    announce(db, run_id, "new")
    db.set_clock(timedelta(seconds=31))
    db.call("maintain")
    kept = db.rows("select waiter_id from workflow_pg_private.run_waiters")
    assert kept == [{"waiter_id": "new"}]


@pytest.mark.parametrize(
    ("waiters", "runs", "hints_for"),
    [
        (["w"], [], None),
        (None, ["r"], None),
        (["w"] * 1001, ["r"] * 1001, None),
        ([""], ["r"], None),
        (["w" * 65], ["r"], None),
        (["w"], [None], None),
        (["w"], ["r"], timedelta(hours=2)),
        (["w"], ["r"], timedelta.max),
        (["w"], ["r"], timedelta(seconds=-1)),
    ],
)
def test_a_malformed_announcement_is_refused(
    db: Session,
    waiters: list[str] | None,
    runs: list[str | None],
    hints_for: timedelta | None,
) -> None:
    told = {"waiter_ids": waiters, "run_ids": runs}
    with db.refused("WF400"):
        db.call("announce_waiters", **told, hints_for=hints_for)
    if hints_for is None:
        with db.refused("WF400"):
            db.call("withdraw_waiters", **told)
