"""A claim turns the sleeps that are over into wakes, and waits for nobody's run."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from tests.concurrency.sessions import PATIENCE, Rival, is_waiting, wait_until
from tests.support import Row, Session

Open = Callable[[], Rival]
T = TypeVar("T")

PAST = {"resumeAt": "2001-01-01T00:00:00Z"}


def _asleep(db: Session) -> str:
    """A run with a hook, a wake of tomorrow and a sleep that is over."""
    run_id = db.new_run()
    db.append(run_id, "hook_created", "hook_1", facts={"token": "t"}, wake=False)
    db.append(run_id, "wait_created", "wait_1", facts=PAST, wake=False)
    db.quiet(run_id)
    delay = timedelta(days=1)
    db.call("send_message", run_id=run_id, kind="wake", delay=delay)
    return run_id


def _settled(rival: Rival, act: Callable[[Session], T]) -> Future[T]:
    """A call that is done, or waits for a lock."""
    call = rival.begin(act)
    wait_until(lambda: call.done() or is_waiting(rival.watcher, rival.pid))
    return call


def test_a_sleep_whose_run_is_being_moved_holds_up_no_claim(
    db: Session, rival: Open
) -> None:
    slow, other = _asleep(db), db.new_run()
    writer, worker = rival(), rival()
    with writer.open():
        # It moves the pending wake, and so has both the run and its message locked.
        writer.session.append(slow, "hook_received", "hook_1", payload=b"x")
        call = _settled(worker, Session.claim)
        assert call.done()
        assert [delivery["run_id"] for delivery in call.result()] == [other]
    assert [delivery["run_id"] for delivery in db.claim()] == [slow]


@pytest.mark.parametrize(
    ("event", "correlation_id"), [("wait_completed", "wait_1"), ("run_cancelled", None)]
)
def test_a_sweep_and_two_appends_in_one_transaction_do_not_deadlock(
    db: Session, rival: Open, event: str, correlation_id: str | None
) -> None:
    run_id = _asleep(db)
    writer, worker = rival(), rival()
    with writer.open():
        writer.session.append(run_id, "hook_received", "hook_1", payload=b"x")
        call = _settled(worker, Session.claim)
        writer.session.append(run_id, event, correlation_id)
    assert call.exception(PATIENCE) is None


def test_a_lease_begins_when_the_sweep_is_over(db: Session, rival: Open) -> None:
    run_id, other = db.new_run(), db.new_run()
    first, worker = rival(), rival()

    def claim(session: Session) -> tuple[list[Row], datetime]:
        return session.claim("worker_2", lease=timedelta(seconds=1)), session.now()

    with first.open():
        first.session.claim("worker_1", limit=1, lease=timedelta(hours=1))
        db.append(run_id, "wait_created", "wait_1", facts=PAST, wake=False)
        # That claim may be rolled back: whether the run needs a wake is not known yet.
        call = worker.blocked(claim)
        db.set_clock(timedelta(seconds=30))
    (delivery,), now = call.result(PATIENCE)
    assert delivery["run_id"] == other
    assert delivery["lease_until"] > now
