"""Runs through every door: from start to end, and what is refused on the way."""

from __future__ import annotations

import pytest

from tests.doors.checks import begin, log, refused
from tests.doors.door import Door
from tests.doors.values import Entry, Event, Run, Step
from tests.support import STEP, Session, new_run_id

OVER = 16 * 1024 * 1024 + 1  # bytes that no payload may have


def test_a_run_with_two_steps_from_start_to_end(door: Door, db: Session) -> None:
    run_id = new_run_id()
    door.create_run(run_id, b"in", attributes={"tenant": "t1"})
    assert door.get_run(run_id).status == "pending"
    started = Run(
        run_id=run_id,
        status="running",
        input=b"in",
        output=None,
        error=None,
        error_code=None,
        cancel_reason=None,
        attributes={"tenant": "t1"},
    )
    assert door.start_run(run_id) == started
    door.create_step(run_id, "step_1", b"\0x")
    step = Step("step_1", STEP, "running", 1, b"\0x", None, None)
    assert door.start_step(run_id, "step_1") == step
    door.complete_step(run_id, "step_1", b"")
    assert door.get_step(run_id, "step_1") == Step(
        "step_1", STEP, "completed", 1, b"\0x", b"", None
    )
    door.create_step(run_id, "step_2", b"two")
    door.start_step(run_id, "step_2")
    door.fail_step(run_id, "step_2", b"no")
    assert door.get_step(run_id, "step_2") == Step(
        "step_2", STEP, "failed", 1, b"two", None, b"no"
    )
    door.complete_run(run_id, b"out")
    ended = door.get_run(run_id)
    assert (ended.status, ended.output, ended.error) == ("completed", b"out", None)
    assert log(db, run_id) == [
        Event("run_created", None, b"in"),
        Event("run_started", None, None),
        Event("step_created", "step_1", b"\0x"),
        Event("step_started", "step_1", None),
        Event("step_completed", "step_1", b""),
        Event("step_created", "step_2", b"two"),
        Event("step_started", "step_2", None),
        Event("step_failed", "step_2", b"no"),
        Event("run_completed", None, b"out"),
    ]


def test_a_run_fails_with_a_code(door: Door, db: Session) -> None:
    run_id = begin(door)
    door.fail_run(run_id, b"why", "USER_ERROR")
    run = door.get_run(run_id)
    assert (run.status, run.error, run.error_code) == ("failed", b"why", "USER_ERROR")
    with refused(db, 409):
        door.complete_run(run_id, b"out")
    assert log(db, run_id)[2:] == [Event("run_failed", None, b"why")]


def test_a_run_is_cancelled_once(door: Door, db: Session) -> None:
    run_id = begin(door)
    door.cancel_run(run_id, "ordered twice")
    with db.nothing_written():
        door.cancel_run(run_id, "again")
    run = door.get_run(run_id)
    assert (run.status, run.cancel_reason) == ("cancelled", "ordered twice")
    with refused(db, 409):
        door.fail_run(run_id, b"why", "USER_ERROR")
    assert db.types(run_id) == ["run_created", "run_started", "run_cancelled"]


def test_many_runs_are_cancelled_and_read(door: Door, db: Session) -> None:
    live, ended, absent = begin(door), begin(door), new_run_id()
    door.complete_run(ended, b"out")
    outcomes = door.cancel_runs([absent, live, ended])
    assert outcomes == ["not_found", "cancelled", "not_cancellable"]
    assert door.cancel_runs([live]) == ["already_cancelled"]
    runs = door.get_runs([live, absent, ended])
    assert [run and run.status for run in runs] == ["cancelled", None, "completed"]
    assert db.types(live)[2:] == ["run_cancelled"]


def test_what_exists_is_not_created_again(door: Door, db: Session) -> None:
    run_id = begin(door)
    door.create_step(run_id, "step_1", b"")
    door.create_hook(run_id, "hook_1", "token")
    door.create_wait(run_id, "wait_1", db.now())
    with refused(db, 409):
        door.create_run(run_id, b"in")
    with refused(db, 409):
        door.create_step(run_id, "step_1", b"")
    with refused(db, 409):
        door.start_new_step(run_id, "step_1", b"")
    with refused(db, 409):
        door.create_hook(run_id, "hook_1", "another")
    with refused(db, 409):
        door.create_wait(run_id, "wait_1", db.now())


def test_a_run_that_is_over_takes_nothing_more(door: Door, db: Session) -> None:
    run_id = begin(door)
    door.create_step(run_id, "step_1", b"")
    door.create_step(run_id, "step_2", b"")
    door.start_step(run_id, "step_2")
    door.create_hook(run_id, "hook_1", "token")
    door.complete_run(run_id, b"out")
    with refused(db, 410):
        door.start_run(run_id)
    with refused(db, 410):
        door.start_step(run_id, "step_1")
    with refused(db, 409):
        door.create_step(run_id, "step_3", b"")
    with refused(db, 409):
        door.create_hook(run_id, "hook_2", "token")
    with refused(db, 409):
        door.set_attributes(run_id, {"a": "b"})
    with refused(db, 404):
        door.receive_hook(run_id, "hook_1", b"late")
    door.complete_step(run_id, "step_2", b"late")
    assert log(db, run_id)[-2:] == [
        Event("run_completed", None, b"out"),
        Event("step_completed", "step_2", b"late"),
    ]


def test_what_is_unknown_is_not_found(door: Door, db: Session) -> None:
    run_id, absent = begin(door), new_run_id()
    with refused(db, 404):
        door.get_run(absent)
    with refused(db, 404):
        door.start_run(absent)
    with refused(db, 404):
        door.create_step(absent, "step_1", b"")
    with refused(db, 404):
        door.cancel_run(absent)
    with db.nothing_written():
        assert door.append_events(absent, [Entry("wait_completed", "wait_1")]) == [404]
    with refused(db, 404):
        door.get_step(run_id, "step_1")
    with refused(db, 404):
        door.complete_step(run_id, "step_1", b"")
    with refused(db, 404):
        door.receive_hook(run_id, "hook_1", b"")
    with refused(db, 404):
        door.get_hook(run_id, "hook_1")
    with refused(db, 404):
        door.get_hook_by_token("token")
    with refused(db, 404):
        door.complete_wait(run_id, "wait_1")


def test_what_is_too_large_is_refused(door: Door, db: Session) -> None:
    run_id = begin(door)
    with refused(db, 413):
        door.complete_run(run_id, bytes(OVER))
    assert db.types(run_id) == ["run_created", "run_started"]


def test_a_newer_version_of_the_protocol_is_refused(door: Door, db: Session) -> None:
    with refused(db, 426):
        door.create_run(new_run_id(), b"in", spec_version=8)


def test_attributes_are_set_replaced_and_removed(door: Door, db: Session) -> None:
    run_id = begin(door)
    door.set_attributes(run_id, {"colour": "blue", "size": "L"})
    door.set_attributes(run_id, {"colour": "red", "size": None, "none": None})
    assert door.get_run(run_id).attributes == {"colour": "red"}
    sets = [event["facts"] for event in db.log(run_id)[2:]]
    assert [one["changes"] for one in sets] == [
        [{"key": "colour", "value": "blue"}, {"key": "size", "value": "L"}],
        [
            {"key": "colour", "value": "red"},
            {"key": "size", "value": None},
            {"key": "none", "value": None},
        ],
    ]


@pytest.mark.parametrize(
    "attributes",
    [
        {"$reserved": "v"},
        {"k" * 257: "v"},
        {"k": "é" * 129},
        {f"k{number}": "" for number in range(65)},
    ],
    ids=["reserved", "key", "value", "count"],
)
def test_attributes_have_limits(
    door: Door, db: Session, attributes: dict[str, str]
) -> None:
    run_id = begin(door)
    with refused(db, 422):
        door.create_run(new_run_id(), b"in", attributes=attributes)
    with refused(db, 422):
        door.set_attributes(run_id, attributes)
