"""A step that is born running: step_created and step_started in one batch."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.batches.calls import Entry, batch, seqs, statuses
from tests.concurrency.fold import assert_sound
from tests.support import Session

PAIR = [Entry("step_created", "s", payload=b"in"), Entry("step_started", "s")]


def _dispatch(db: Session, run_id: str) -> timedelta:
    (message,) = [m for m in db.messages(run_id) if m["kind"] == "step"]
    assert message["lease_token"] is None
    return message["due_at"] - message["created_at"]


def test_it_runs_its_first_attempt(db: Session) -> None:
    run_id = db.new_run()
    outcomes = batch(db, run_id, PAIR)
    assert (statuses(outcomes), seqs(outcomes)) == ([200, 200], [3, 4])
    assert [o["attempt"] for o in outcomes] == [0, 1]
    (step,) = db.call("get_step", run_id=run_id, step_id="s")
    assert (step["status"], step["attempt"], step["input"]) == ("running", 1, b"in")
    assert step["started_at"] == db.log(run_id)[3]["created_at"]
    assert db.log(run_id)[3]["facts"] == {"attempt": 1}
    assert_sound(db, run_id)


def test_other_entries_may_stand_between_the_two(db: Session) -> None:
    run_id = db.new_run()
    entries = [PAIR[0], Entry("wait_created", "w"), PAIR[1]]
    assert statuses(batch(db, run_id, entries)) == [200] * 3


@pytest.mark.parametrize("status", ["pending", "running", "completed", "failed"])
def test_a_step_that_exists_rejects_both(db: Session, status: str) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "s", status)
    with db.nothing_written():
        outcomes = batch(db, run_id, PAIR)
    assert statuses(outcomes) == [409, 409]


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_a_final_run_rejects_both(db: Session, status: str) -> None:
    assert statuses(batch(db, db.new_run(status), PAIR)) == [409, 409]


def test_an_end_of_the_run_between_the_two_rejects_both(db: Session) -> None:
    run_id = db.new_run()
    outcomes = batch(db, run_id, [PAIR[0], Entry("run_completed"), PAIR[1]])
    assert statuses(outcomes) == [409, 200, 409]
    assert db.types(run_id)[2:] == ["run_completed"]


def test_a_malformed_creation_rejects_both(db: Session) -> None:
    run_id = db.new_run()
    nameless = Entry("step_created", "s", facts={})
    outcomes = batch(db, run_id, [nameless, PAIR[1]])
    assert statuses(outcomes) == [400, 400]
    assert outcomes[0]["message"] == outcomes[1]["message"]


@pytest.mark.parametrize("hold", [timedelta(seconds=15), timedelta(minutes=10)])
def test_it_is_dispatched_when_its_caller_has_had_its_time(
    db: Session, hold: timedelta
) -> None:
    run_id = db.new_run()
    db.set_clock(db.now())
    batch(db, run_id, PAIR, hold=hold)
    assert _dispatch(db, run_id) == hold
    assert [m["kind"] for m in db.claim()] == ["wake"]

    db.set_clock(db.now() + hold)
    (message,) = [m for m in db.claim() if m["kind"] == "step"]
    assert (message["step_id"], message["attempt"]) == ("s", 1)


def test_its_completion_withdraws_the_dispatch(db: Session) -> None:
    run_id = db.new_run()
    batch(db, run_id, PAIR)
    batch(db, run_id, [Entry("step_completed", "s")])
    assert [m["kind"] for m in db.messages(run_id)] == ["wake"]
