"""A step that is created by whoever begins to execute it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import STEP, Row, Session, new_run_id

TOLD: dict[str, Any] = {"step_id": "step_1", "step_name": STEP, "input": b"in"}


def _start(db: Session, run_id: str, **options: object) -> Row:
    (step,) = db.call("start_new_step", run_id=run_id, **{**TOLD, **options})
    return step


@pytest.mark.parametrize("status", ["pending", "running"])
def test_it_is_born_running(db: Session, status: str) -> None:
    run_id = db.new_run(status)
    step = _start(db, run_id, owner_message_id="msg_1", codec="cbor", spec_version=6)
    created, started = db.log(run_id)[-2:]
    assert (created["event_type"], created["facts"]) == (
        "step_created",
        {"stepName": STEP},
    )
    assert (created["payload"], created["codec"]) == (b"in", "cbor")
    assert (started["event_type"], started["facts"]) == (
        "step_started",
        {"attempt": 1, "ownerMessageId": "msg_1"},
    )
    assert (started["payload"], started["spec_version"]) == (None, 6)
    assert (step["status"], step["attempt"], step["input"]) == ("running", 1, b"in")
    assert (step["seq"], started["seq"] - created["seq"]) == (started["seq"], 1)
    assert step["started_at"] == step["created_at"] == started["created_at"]


def test_its_dispatch_is_for_the_case_that_its_caller_dies(db: Session) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    now = db.now()
    db.set_clock(now)
    _start(db, run_id, hold=timedelta(minutes=2))
    (message,) = db.messages(run_id)
    assert (message["kind"], message["step_id"]) == ("step", "step_1")
    assert message["due_at"] == now + timedelta(minutes=2)
    db.append(run_id, "step_completed", "step_1")
    assert [m["kind"] for m in db.messages(run_id)] == ["wake"]


@pytest.mark.parametrize("status", ["pending", "running", "completed", "failed"])
def test_a_step_that_is_there_is_not_started(db: Session, status: str) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status=status)
    with db.refused("WF409", entity="step", event="step_started", status=status):
        _start(db, run_id)


def test_a_repeat_gets_the_first_reply_whatever_came_after(db: Session) -> None:
    run_id = db.new_run()
    first = _start(db, run_id, dedup_key="key")
    with db.nothing_written():
        assert _start(db, run_id, dedup_key="key") == first
    db.append(run_id, "step_retrying", "step_1")
    db.append(run_id, "step_started", "step_1")
    repeat = _start(db, run_id, dedup_key="key")
    assert (repeat["attempt"], repeat["seq"]) == (1, first["seq"])


@pytest.mark.parametrize(
    "other",
    [{"input": b"other"}, {"step_name": "other"}, {"owner_message_id": "msg_2"}],
    ids=str,
)
def test_a_key_stands_for_one_start(db: Session, other: dict[str, object]) -> None:
    run_id = db.new_run()
    _start(db, run_id, dedup_key="key")
    with db.refused("WF409", entity="dedup_key"):
        _start(db, run_id, dedup_key="key", **other)


@pytest.mark.parametrize(
    ("wrong", "argument"),
    [
        ({"input": None}, "input"),
        ({"step_name": None}, "step name"),
        ({"step_name": ""}, "step name"),
        ({"step_id": "x" * 256}, "step id"),
        ({"owner_message_id": ""}, "owner message id"),
        ({"hold": timedelta(0)}, "hold"),
        ({"codec": "json"}, "payload"),
    ],
    ids=str,
)
def test_what_is_malformed_is_refused(
    db: Session, wrong: dict[str, object], argument: str
) -> None:
    run_id = db.new_run()
    with db.refused("WF400", argument=argument):
        _start(db, run_id, **wrong)


def test_an_event_with_an_input_needs_the_name_of_its_step(db: Session) -> None:
    run_id = db.new_run()
    with db.refused("WF400", argument="step name"):
        db.append(run_id, "step_started", "step_1", payload=b"")


def test_an_input_of_no_bytes_is_an_input(db: Session) -> None:
    run_id = db.new_run()
    facts = {"stepName": STEP, "ownerMessageId": "msg_1"}
    reply = db.append(run_id, "step_started", "step_1", facts=facts, payload=b"")
    assert (reply["event_type"], reply["attempt"]) == ("step_started", 1)
    assert db.types(run_id)[-2:] == ["step_created", "step_started"]


def test_a_later_attempt_names_its_owner_too(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    facts = {"ownerMessageId": "msg_1"}
    db.append(run_id, "step_started", "step_1", facts=facts)
    assert db.log(run_id)[-1]["facts"] == {"attempt": 1, **facts}
    with db.refused("WF400", argument="owner message id"):
        db.append(run_id, "step_started", "step_1", facts={"ownerMessageId": "\n"})


def test_without_a_run_there_is_no_step(db: Session) -> None:
    run_id = new_run_id()
    with db.refused("WF404", entity="run", id=run_id, event="step_started"):
        _start(db, run_id)
