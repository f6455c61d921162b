"""The dedup key of a batch, and the times of its events."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.batches.calls import Entry, batch, statuses
from tests.support import LATER, Session

MIXED = [
    Entry("step_created", "new", payload=b"in"),
    Entry("step_completed", "absent"),
    Entry("step_retrying", "open", payload=b"error"),
    Entry("wait_created", "nap"),
    Entry("wait_completed", "absent"),
]


@pytest.fixture
def run_id(db: Session) -> str:
    """A run with a step that runs for the second time."""
    run_id = db.new_run()
    db.new_step(run_id, "open", "running")
    db.append(run_id, "step_started", "open")
    return run_id


def test_a_repeat_returns_the_first_outcomes_and_writes_nothing(
    db: Session, run_id: str
) -> None:
    first = batch(db, run_id, MIXED, dedup_key="k")
    assert statuses(first) == [200, 404, 200, 200, 404]
    # What was rejected would be accepted now, and what was retried runs again.
    db.new_step(run_id, "absent", "running")
    db.append(run_id, "step_started", "open")
    with db.nothing_written():
        assert batch(db, run_id, MIXED, dedup_key="k") == first


def test_a_repeat_after_the_end_tells_the_status_of_now(
    db: Session, run_id: str
) -> None:
    first = batch(db, run_id, MIXED, dedup_key="k")
    db.append(run_id, "run_completed")
    with db.nothing_written():
        again = batch(db, run_id, MIXED, dedup_key="k")
    assert [o["seq"] for o in again] == [o["seq"] for o in first]
    assert [o["run_status"] for o in again if o["status"] == 200] == ["completed"] * 3


@pytest.mark.parametrize("change", ["payload", "length", "order", "all_or_nothing"])
def test_a_key_stands_for_one_batch(db: Session, run_id: str, change: str) -> None:
    batch(db, run_id, MIXED, dedup_key="k")
    entries, options = list(MIXED), dict[str, Any]()
    match change:
        case "payload":
            entries[0] = Entry("step_created", "new", payload=b"other")
        case "length":
            entries.pop()
        case "order":
            entries.reverse()
        case _:
            options["all_or_nothing"] = True
    with db.refused("WF409", entity="dedup_key", id="k", event=None):
        batch(db, run_id, entries, dedup_key="k", **options)


def test_a_batch_and_a_single_append_do_not_share_a_key(
    db: Session, run_id: str
) -> None:
    batch(db, run_id, [Entry("step_completed", "open")], dedup_key="k")
    with db.refused("WF409", entity="dedup_key"):
        db.append(run_id, "step_completed", "open", dedup_key="k")
    db.append(run_id, "wait_created", "w", facts={"resumeAt": LATER}, dedup_key="l")
    with db.refused("WF409", entity="dedup_key"):
        batch(db, run_id, [Entry("wait_created", "w")], dedup_key="l")


def test_a_batch_that_has_written_nothing_keeps_no_key(
    db: Session, run_id: str
) -> None:
    entries = [Entry("step_completed", "absent")]
    with db.nothing_written():
        assert statuses(batch(db, run_id, entries, dedup_key="k")) == [404]
    db.new_step(run_id, "absent", "running")
    assert statuses(batch(db, run_id, entries, dedup_key="k")) == [200]


def test_a_malformed_key_is_refused(db: Session, run_id: str) -> None:
    with db.refused("WF400", argument="dedup key"):
        batch(db, run_id, MIXED, dedup_key="")


def _times(
    db: Session, run_id: str, occurred_at: list[datetime | None]
) -> list[datetime]:
    first = len(db.log(run_id))
    entries = [Entry("step_created", f"s{first + n}") for n in range(len(occurred_at))]
    outcomes = batch(db, run_id, entries, occurred_at=occurred_at)
    log = db.log(run_id)[-len(entries) :]
    assert [o["created_at"] for o in outcomes] == [e["created_at"] for e in log]
    (run,) = db.rows("select * from workflow_pg.runs where run_id = %s", run_id)
    assert run["last_event_at"] == log[-1]["created_at"]
    return [event["created_at"] for event in log]


def test_an_event_has_the_time_at_which_it_occurred(db: Session, run_id: str) -> None:
    start = db.log(run_id)[-1]["created_at"]
    db.set_clock(start + timedelta(minutes=1))
    times = [start + timedelta(seconds=s) for s in (10, 20, 30)]
    assert _times(db, run_id, [*times]) == times


def test_a_time_is_never_before_the_event_before_it_or_ahead_of_the_clock(
    db: Session, run_id: str
) -> None:
    start = db.log(run_id)[-1]["created_at"]
    now = start + timedelta(minutes=1)
    db.set_clock(now)
    hour, ten = timedelta(hours=1), start + timedelta(seconds=10)
    told = [start - hour, ten, start, ten + timedelta(microseconds=1500), None, ten]
    assert _times(db, run_id, told) == [
        start,
        ten,
        ten,
        ten + timedelta(milliseconds=1),
        now,
        now,
    ]
    assert _times(db, run_id, [now + hour]) == [now]


def test_a_rejected_entry_moves_no_time(db: Session, run_id: str) -> None:
    start = db.log(run_id)[-1]["created_at"]
    db.set_clock(start + timedelta(minutes=1))
    entries = [Entry("step_completed", "absent"), Entry("step_created", "s")]
    later = start + timedelta(seconds=30)
    batch(db, run_id, entries, occurred_at=[later, start])
    assert db.log(run_id)[-1]["created_at"] == start


def test_a_clock_that_went_back_does_not_take_the_log_with_it(
    db: Session, run_id: str
) -> None:
    last = db.log(run_id)[-1]["created_at"]
    db.set_clock(timedelta(hours=-1))
    assert _times(db, run_id, [None, None]) == [last, last]
