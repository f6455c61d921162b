"""A call under a dedup key is made once; a repeat gets the reply of the first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import EVENTS, LATER, SETS, STEP, Session, new_run_id

FACTS: dict[str, Any] = {
    "workflowName": "w",
    "stepName": STEP,
    "token": "t",
    "resumeAt": LATER,
    **SETS,
}


def _prepared(db: Session, event: str) -> tuple[str, str, str | None]:
    """A run in which the event is legal, with the event and its correlation id."""
    kind = event.partition("_")[0]
    if event == "run_created":
        return new_run_id(), event, None
    run_id = db.new_run("pending" if event == "run_started" else "running")
    if kind == "run":
        return run_id, event, None
    if kind == "step" and event != "step_created":
        db.new_step(run_id, "step_1", "running")
    elif kind in {"hook", "wait"} and not event.endswith("_created"):
        db.append(run_id, f"{kind}_created", f"{kind}_1", facts=FACTS)
    return run_id, event, f"{kind}_1"


@pytest.mark.parametrize("event", EVENTS)
def test_a_repeat_gets_the_first_reply_and_writes_nothing(
    db: Session, event: str
) -> None:
    call = _prepared(db, event)
    told: dict[str, Any] = {"facts": FACTS, "dedup_key": "key"}
    if event != "step_started":
        told["payload"] = b"x"
    reply = db.append(*call, **told)
    assert reply["seq"] is not None
    for _ in range(2):
        with db.nothing_written():
            assert db.append(*call, **told) == reply


def test_a_conflict_is_repeated_as_a_conflict(db: Session) -> None:
    holder, other = db.new_run(), db.new_run()
    db.append(holder, "hook_created", "hook_1", facts=FACTS)
    call = (other, "hook_created", "hook_1")
    reply = db.append(*call, facts=FACTS, dedup_key="key")
    assert (reply["event_type"], reply["conflicting_run_id"]) == (
        "hook_conflict",
        holder,
    )
    with db.nothing_written():
        assert db.append(*call, facts=FACTS, dedup_key="key") == reply


@pytest.mark.parametrize("event", ["step_created", "step_started", "step_retrying"])
def test_a_repeat_tells_the_attempt_of_then(db: Session, event: str) -> None:
    call = _prepared(db, event)
    told: dict[str, Any] = {"facts": FACTS, "dedup_key": "key"}
    first = db.append(*call, **told)
    for _ in range(3):
        db.append(call[0], "step_started", "step_1")
    with db.nothing_written():
        assert db.append(*call, **told) == first


def test_a_repeated_start_brings_the_input_again(db: Session) -> None:
    run_id, _, step_id = _prepared(db, "step_started")
    told = {"run_id": run_id, "step_id": step_id, "dedup_key": "key"}
    (first,) = db.call("start_step", **told)
    db.append(run_id, "step_started", step_id)
    with db.nothing_written():
        (again,) = db.call("start_step", **told)
    assert (again["attempt"], again["seq"], again["input"]) == (
        first["attempt"],
        first["seq"],
        b"in",
    )


@pytest.mark.parametrize(
    ("event", "correlation_id", "changed"),
    [
        ("step_completed", "step_1", {"payload": b"y"}),
        ("step_completed", "step_1", {"payload": b""}),
        ("step_completed", "step_1", {"payload": None}),
        ("step_completed", "step_2", {}),
        ("step_failed", "step_1", {}),
        ("step_retrying", "step_1", {"facts": {"retryAfter": LATER}}),
    ],
)
def test_a_key_stands_for_one_call(
    db: Session, event: str, correlation_id: str, changed: dict[str, Any]
) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "step_1", "running")
    db.new_step(run_id, "step_2", "running")
    told: dict[str, Any] = {"payload": b"x", "dedup_key": "key"}
    db.append(run_id, "step_completed", "step_1", **told)
    with db.refused("WF409", entity="dedup_key", id="key", run_id=run_id):
        db.append(run_id, event, correlation_id, **{**told, **changed})


@pytest.mark.parametrize(
    ("event", "changed"),
    [
        ("step_retrying", {"retryAfter": LATER}),
        ("step_created", {"stepName": "another"}),
        ("hook_created", {"token": "another"}),
        ("hook_created", {"isWebhook": False}),
        ("wait_created", {"resumeAt": "2999-01-01T00:00:00.000001Z"}),
        ("run_failed", {"errorCode": "USER_ERROR"}),
        ("run_cancelled", {"cancelReason": "because"}),
        ("run_created", {"deploymentId": "another"}),
        ("run_created", {"attributes": {"colour": "blue"}}),
        ("attr_set", {"changes": [{"key": "colour", "value": "red"}]}),
        ("attr_set", {"changes": [*reversed(SETS["changes"])]}),
        ("attr_set", {"allowReservedAttributes": True}),
        ("run_created", {"executionContext": {"features": []}}),
    ],
)
def test_a_key_stands_for_the_facts_of_its_call(
    db: Session, event: str, changed: dict[str, Any]
) -> None:
    call = _prepared(db, event)
    told: dict[str, Any] = {"payload": b"x", "dedup_key": "key"}
    db.append(*call, facts=FACTS, **told)
    with db.refused("WF409", entity="dedup_key", id="key"):
        db.append(*call, facts={**FACTS, **changed}, **told)


def test_a_key_is_one_runs_own(db: Session) -> None:
    for _ in range(2):
        db.append(db.new_run(), "run_completed", dedup_key="key")
    assert db.value("select count(*) from workflow_pg_private.append_keys") == 2


def test_a_refused_call_keeps_no_key(db: Session) -> None:
    run_id = db.new_run()
    with db.refused("WF404"):
        db.append(run_id, "step_completed", "step_1", dedup_key="key")
    db.new_step(run_id, "step_1", "running")
    db.append(run_id, "step_completed", "step_1", dedup_key="key")


def test_a_call_with_nothing_to_do_keeps_no_key(db: Session) -> None:
    run_id = db.new_run("cancelled")
    with db.nothing_written():
        db.append(run_id, "run_cancelled", dedup_key="key")


def test_keys_are_forgotten_an_hour_after_the_end(db: Session) -> None:
    live, final = db.new_run(), db.new_run()
    for run_id in (live, final):
        db.new_step(run_id, "step_1", "running")
        db.append(run_id, "step_completed", "step_1", dedup_key="key")
    db.append(final, "run_completed", dedup_key="end")

    db.set_clock(timedelta(minutes=59))
    assert db.call("maintain")[0]["forgotten"] == 0
    db.set_clock(timedelta(minutes=61))
    assert db.call("maintain")[0]["forgotten"] == 2

    keys = db.rows("select run_id from workflow_pg_private.append_keys")
    assert keys == [{"run_id": live}]
    with db.refused("WF409", entity="step"):
        db.append(final, "step_completed", "step_1", dedup_key="key")
