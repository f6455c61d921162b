"""`create_steps` and `advance`: several events of steps in one call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.batches.calls import seqs, statuses
from tests.concurrency.fold import assert_sound
from tests.support import STEP, Row, Session


def _create(
    db: Session, run_id: str, step_ids: list[str], /, **options: object
) -> list[Row]:
    told: dict[str, Any] = {
        "run_id": run_id,
        "step_ids": step_ids,
        "step_names": [STEP] * len(step_ids),
        "inputs": [step_id.encode() for step_id in step_ids],
    }
    return db.call("create_steps", **{**told, **options})


def test_steps_are_created_in_order_each_with_its_dispatch(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "b")
    outcomes = _create(db, run_id, ["c", "b", "a"])
    assert statuses(outcomes) == [200, 409, 200]
    assert seqs(outcomes) == [4, None, 5]
    steps = {step["step_id"]: step for step in db.call("list_steps", run_id=run_id)}
    assert [steps[i]["status"] for i in "abc"] == ["pending"] * 3
    (step,) = db.call("get_step", run_id=run_id, step_id="a")
    assert (step["input"], step["attempt"]) == (b"a", 0)
    dispatched = {m["step_id"] for m in db.claim() if m["kind"] == "step"}
    assert dispatched == {"a", "b", "c"}
    assert_sound(db, run_id)


def test_inputs_may_be_left_out(db: Session) -> None:
    run_id = db.new_run()
    assert statuses(_create(db, run_id, ["a"], inputs=None)) == [200]
    assert db.log(run_id)[-1]["payload"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"step_ids": ["a", "a"]},
        {"step_names": [STEP]},
        {"step_names": None},
        {"inputs": [b""]},
        {"run_id": None},
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    db: Session, wrong: dict[str, object]
) -> None:
    run_id = db.new_run()
    with db.refused("WF400"):
        _create(db, run_id, ["a", "b"], **wrong)


def test_no_steps_have_no_outcomes(db: Session) -> None:
    run_id = db.new_run()
    with db.nothing_written():
        assert _create(db, run_id, []) == []
        assert (
            db.call("create_steps", run_id=run_id, step_ids=None, step_names=[]) == []
        )


def test_a_malformed_step_is_rejected_alone_or_with_all(db: Session) -> None:
    run_id = db.new_run()
    outcomes = _create(db, run_id, ["a", "b"], step_names=["", STEP])
    assert statuses(outcomes) == [400, 200]
    with db.refused("WF400", place=2, argument="step name"):
        told = {"step_names": [STEP, ""], "all_or_nothing": True}
        _create(db, run_id, ["c", "d"], **told)


def test_a_repeat_of_steps_returns_the_first_outcomes(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "b")
    first = _create(db, run_id, ["a", "b", "c"], dedup_key="k")
    with db.nothing_written():
        assert _create(db, run_id, ["a", "b", "c"], dedup_key="k") == first
    with db.refused("WF409", entity="dedup_key"):
        _create(db, run_id, ["a", "b"], dedup_key="k")


def _advance(db: Session, run_id: str, /, **options: object) -> Row:
    told: dict[str, Any] = {
        "run_id": run_id,
        "step_id": "step_1",
        "result": b"out",
        "next_step_id": "step_2",
        "next_step_name": "step//orders//ship",
        "next_input": b"next",
    }
    (reply,) = db.call("advance", **{**told, **options})
    return reply


@pytest.fixture
def run_id(db: Session) -> str:
    """A run whose first step runs."""
    run_id = db.new_run()
    db.new_step(run_id, "step_1", "running")
    return run_id


def test_an_advance_ends_a_step_and_begins_the_next(db: Session, run_id: str) -> None:
    reply = _advance(db, run_id, codec="cbor")
    log = db.log(run_id)
    assert [(e["event_type"], e["correlation_id"]) for e in log[4:]] == [
        ("step_completed", "step_1"),
        ("step_created", "step_2"),
        ("step_started", "step_2"),
    ]
    assert [(e["payload"], e["codec"]) for e in log[4:]] == [
        (b"out", "cbor"),
        (b"next", "cbor"),
        (None, "opaque"),
    ]
    assert reply == {
        "run_id": run_id,
        "seq": 7,
        "event_type": "step_started",
        "correlation_id": "step_2",
        "created_at": log[-1]["created_at"],
        "run_status": "running",
        "attempt": 1,
        "conflicting_run_id": None,
    }
    assert_sound(db, run_id)


def test_an_advance_leaves_the_dispatch_for_the_case_that_its_caller_dies(
    db: Session, run_id: str
) -> None:
    db.set_clock(db.now())
    _advance(db, run_id, hold=timedelta(minutes=1))
    (dispatch,) = [m for m in db.messages(run_id) if m["kind"] == "step"]
    assert (dispatch["step_id"], dispatch["serves"]) == ("step_2", "step//orders//ship")
    assert dispatch["due_at"] - db.now() == timedelta(minutes=1)


def test_an_advance_wakes_the_run_unless_its_holder_does(
    db: Session, run_id: str
) -> None:
    token = next(m["lease_token"] for m in db.claim() if m["kind"] == "wake")
    _advance(db, run_id, lease_token=token)
    assert [m["lease_token"] for m in db.messages(run_id) if m["kind"] == "wake"] == [
        token
    ]
    told = {"step_id": "step_2", "next_step_id": "step_3"}
    _advance(db, run_id, **told)
    assert [m["kind"] for m in db.messages(run_id)].count("wake") == 2


def test_a_repeated_advance_returns_the_first_reply(db: Session, run_id: str) -> None:
    first = _advance(db, run_id, dedup_key="k")
    with db.nothing_written():
        assert _advance(db, run_id, dedup_key="k") == first


@pytest.mark.parametrize(
    "changed",
    [
        {"result": b"other"},
        {"next_input": b"other"},
        {"next_step_id": "step_3"},
        {"next_step_name": "other"},
    ],
)
def test_the_key_of_an_advance_stands_for_both_steps(
    db: Session, run_id: str, changed: dict[str, object]
) -> None:
    _advance(db, run_id, dedup_key="k")
    with db.refused("WF409", entity="dedup_key"):
        _advance(db, run_id, dedup_key="k", **changed)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("WF400", {"next_step_id": ""}),
        ("WF400", {"next_step_name": None}),
        ("WF400", {"step_id": None}),
        ("WF400", {"hold": timedelta(hours=2)}),
        ("WF400", {"next_input": b"{", "codec": "json"}),
        ("WF404", {"step_id": "absent"}),
        ("WF404", {"run_id": "absent"}),
        ("WF409", {"next_step_id": "step_1"}),
        ("WF413", {"next_input": bytes(2**24 + 1)}),
        ("WF426", {"spec_version": 1}),
    ],
)
def test_a_refused_advance_has_written_nothing(
    db: Session, run_id: str, code: str, wrong: dict[str, object]
) -> None:
    with db.refused(code):
        _advance(db, run_id, **wrong)
