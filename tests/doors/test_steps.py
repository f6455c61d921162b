"""Attempts of steps, sleeps and batches through every door."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.doors.checks import begin, log, refused
from tests.doors.door import Door
from tests.doors.table import through_those_with
from tests.doors.values import Entry, Event, Paging, Step
from tests.support import STEP, Session


def test_a_step_is_retried_when_its_time_has_come(door: Door, db: Session) -> None:
    run_id = begin(door)
    door.create_step(run_id, "step_1", b"in")
    door.start_step(run_id, "step_1")
    now = db.now()
    db.set_clock(now)
    later = now + timedelta(seconds=89.5)
    door.retry_step(run_id, "step_1", b"once more", later)
    waiting = Step("step_1", STEP, "pending", 1, b"in", None, b"once more")
    assert door.get_step(run_id, "step_1") == waiting
    with refused(db, 425, seconds=90):
        door.start_step(run_id, "step_1")
    db.set_clock(later)
    running = Step("step_1", STEP, "running", 2, b"in", None, b"once more")
    assert door.start_step(run_id, "step_1") == running
    door.complete_step(run_id, "step_1", b"done")
    with refused(db, 409):
        door.complete_step(run_id, "step_1", b"twice")
    with refused(db, 409):
        door.start_step(run_id, "step_1")
    with refused(db, 409):
        door.retry_step(run_id, "step_1", b"", later)
    assert log(db, run_id)[2:] == [
        Event("step_created", "step_1", b"in"),
        Event("step_started", "step_1", None),
        Event("step_retrying", "step_1", b"once more"),
        Event("step_started", "step_1", None),
        Event("step_completed", "step_1", b"done"),
    ]


def test_a_step_is_created_by_starting_it(door: Door, db: Session) -> None:
    run_id = begin(door)
    step = Step("step_1", STEP, "running", 1, b"in", None, None)
    assert door.start_new_step(run_id, "step_1", b"in") == step
    with refused(db, 409):
        door.start_new_step(run_id, "step_1", b"in")
    door.complete_step(run_id, "step_1", b"done")
    assert log(db, run_id)[2:] == [
        Event("step_created", "step_1", b"in"),
        Event("step_started", "step_1", None),
        Event("step_completed", "step_1", b"done"),
    ]


def test_a_sleep_ends_once(door: Door, db: Session) -> None:
    run_id = begin(door)
    door.create_wait(run_id, "wait_1", db.now() + timedelta(hours=1))
    door.complete_wait(run_id, "wait_1")
    with refused(db, 409):
        door.complete_wait(run_id, "wait_1")
    assert log(db, run_id)[2:] == [
        Event("wait_created", "wait_1", None),
        Event("wait_completed", "wait_1", None),
    ]


@through_those_with("list_waits")
def test_sleeps_are_listed_with_where_they_stand(door: Door, db: Session) -> None:
    run_id = begin(door)
    for wait_id in ("wait_1", "wait_2"):
        door.create_wait(run_id, wait_id, db.now() + timedelta(hours=1))
    door.complete_wait(run_id, "wait_1")
    page = door.list_waits(run_id, Paging(10))
    assert page.items == [("wait_1", "completed"), ("wait_2", "waiting")]
    door.cancel_run(run_id)
    last = door.list_waits(run_id, Paging(1, ascending=False))
    assert last.items == [("wait_2", "cancelled")]
    rest = door.list_waits(run_id, Paging(9, last.cursor, ascending=False))
    assert rest.items == [("wait_1", "completed")]


def test_each_entry_of_a_batch_has_its_outcome(door: Door, db: Session) -> None:
    run_id = begin(door)
    door.create_step(run_id, "step_1", b"in")
    door.start_step(run_id, "step_1")
    door.create_step(run_id, "step_2", b"in")
    door.create_wait(run_id, "wait_1", db.now() + timedelta(hours=1))
    door.complete_wait(run_id, "wait_1")
    statuses = door.append_events(
        run_id,
        [
            Entry("step_completed", "step_1", b"done"),
            Entry("wait_completed", "wait_1"),
            Entry("step_failed", "step_9", b"no"),
            Entry("step_created", "step_2", b"in", {"stepName": STEP}),
            Entry("step_created", "step_3", b"in", {"stepName": STEP}),
        ],
    )
    assert statuses == [200, 409, 404, 409, 200]
    assert log(db, run_id)[7:] == [
        Event("step_completed", "step_1", b"done"),
        Event("step_created", "step_3", b"in"),
    ]


@pytest.mark.parametrize(
    "entries",
    [
        [Entry("hook_received", "hook_1", b"")],
        [Entry("wait_completed", "wait_1"), Entry("wait_completed", "wait_1")],
    ],
    ids=["of a hook", "twice"],
)
def test_what_is_no_batch_is_refused_whole(
    door: Door, db: Session, entries: list[Entry]
) -> None:
    run_id = begin(door)
    with refused(db, 400):
        door.append_events(run_id, entries)
