"""A step that failed may not begin its next attempt before its time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support import Session


def _retrying(db: Session, seconds: float) -> str:
    """A run whose step_1 may begin again so many seconds after the stopped clock."""
    run_id = db.new_run()
    db.new_step(run_id, status="running")
    now = db.now()
    db.set_clock(now)
    retry_after = (now + timedelta(seconds=seconds)).isoformat()
    db.append(run_id, "step_retrying", "step_1", facts={"retryAfter": retry_after})
    return run_id


@pytest.mark.parametrize(
    ("ahead", "told"), [(30, 30), (29.5, 30), (0.001, 1), (1.001, 2), (86_400, 86_400)]
)
def test_a_start_too_early_is_refused_with_whole_seconds_rounded_up(
    db: Session, ahead: float, told: int
) -> None:
    run_id = _retrying(db, ahead)
    with db.refused("WF425", entity="step", id="step_1", retry_after=told):
        db.append(run_id, "step_started", "step_1")


def test_the_start_passes_when_the_time_has_come(db: Session) -> None:
    run_id = _retrying(db, 30)
    db.set_clock(db.now() + timedelta(seconds=30))
    reply = db.append(run_id, "step_started", "step_1")
    assert reply["attempt"] == 2
    (step,) = db.call("get_step", run_id=run_id, step_id="step_1")
    assert step["retry_after"] is None


def test_a_time_in_the_past_is_no_obstacle(db: Session) -> None:
    run_id = _retrying(db, -1)
    assert db.append(run_id, "step_started", "step_1")["attempt"] == 2


def test_no_time_clears_the_time_before(db: Session) -> None:
    run_id = _retrying(db, 30)
    db.append(run_id, "step_retrying", "step_1")
    assert db.append(run_id, "step_started", "step_1")["attempt"] == 2


@pytest.mark.parametrize("event", ["step_completed", "step_failed"])
def test_a_step_may_end_before_the_time(db: Session, event: str) -> None:
    run_id = _retrying(db, 30)
    db.append(run_id, event, "step_1")
    (step,) = db.call("get_step", run_id=run_id, step_id="step_1")
    assert step["retry_after"] is None


def test_the_end_of_the_run_counts_more_than_the_time(db: Session) -> None:
    run_id = _retrying(db, 30)
    db.append(run_id, "run_completed")
    with db.refused("WF410", event="step_started"):
        db.append(run_id, "step_started", "step_1")


def test_the_dispatch_is_due_when_the_step_may_begin(db: Session) -> None:
    run_id = _retrying(db, 30)
    (dispatch,) = [m for m in db.messages(run_id) if m["kind"] == "step"]
    assert dispatch["due_at"] == db.now() + timedelta(seconds=30)
