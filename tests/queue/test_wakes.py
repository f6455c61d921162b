"""Which events wake their run, and that one pending wake is enough."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import (
    EVENTS,
    LATER,
    SETS,
    STEP,
    WORKFLOW,
    Row,
    Session,
    new_run_id,
)

FACTS: dict[str, Any] = {
    "workflowName": WORKFLOW,
    "stepName": STEP,
    "token": "t",
    "resumeAt": LATER,
    **SETS,
}
# What a call leaves that nobody's delivery stands for.
LEAVES: dict[str, list[str]] = {
    "run_created": ["wake"],
    "run_started": [],
    "run_completed": [],
    "run_failed": [],
    "run_cancelled": [],
    "attr_set": [],
    "step_created": ["step"],
    "step_started": [],
    "step_retrying": ["step"],
    "step_completed": ["wake"],
    "step_failed": ["wake"],
    "hook_created": ["wake"],
    "hook_received": ["wake"],
    "hook_disposed": ["wake"],
    "wait_created": ["wake"],
    "wait_completed": ["wake"],
}
# Deletes the messages of a run, to see what comes.
_BARE = pytest.mark.usefixtures("mended")


def _prepared(db: Session, event: str) -> tuple[str, str, str | None]:
    """A run without a message in which the event is legal."""
    kind = event.partition("_")[0]
    if event == "run_created":
        return new_run_id(), event, None
    run_id = db.new_run("pending" if event == "run_started" else "running")
    if kind == "step" and event != "step_created":
        db.new_step(run_id, "step_1", "running")
    elif kind in {"hook", "wait"} and not event.endswith("_created"):
        db.append(run_id, f"{kind}_created", f"{kind}_1", facts=FACTS)
    db.quiet(run_id)
    return run_id, event, None if kind == "run" else f"{kind}_1"


def _payload(event: str) -> bytes | None:
    """What an event carries; a step_started with an input would create its step."""
    return None if event == "step_started" else b"x"


def _kinds(db: Session, run_id: str) -> list[str]:
    return [message["kind"] for message in db.messages(run_id)]


@_BARE
@pytest.mark.parametrize("event", EVENTS)
def test_what_an_event_leaves(db: Session, event: str) -> None:
    call = _prepared(db, event)
    db.append(*call, facts=FACTS, payload=_payload(call[1]))
    messages = db.messages(call[0])
    assert [message["kind"] for message in messages] == LEAVES[event]
    for message in messages:
        assert message["due_at"] <= db.now()
        assert (message["attempt"], message["lease_token"]) == (0, None)
        assert message["deployment_id"] == "default"
        assert message["queue_name"] == f"__wkf_workflow_{WORKFLOW}"
        assert message["serves"] == (STEP if message["kind"] == "step" else WORKFLOW)


@_BARE
@pytest.mark.parametrize("event", EVENTS)
def test_no_wake_for_who_wakes_by_himself(db: Session, event: str) -> None:
    call = _prepared(db, event)
    db.append(*call, facts=FACTS, payload=_payload(call[1]), wake=False)
    # A run and a step are never left without the message that has them executed.
    own = ("run_created", "step_created", "step_retrying")
    assert _kinds(db, call[0]) == (LEAVES[event] if event in own else [])


def _held(db: Session, event: str) -> tuple[tuple[str, str, str | None], Row]:
    """The same with a leased replay message of the run."""
    call = _prepared(db, event)
    db.call("send_message", run_id=call[0], kind="wake")
    (delivery,) = db.claim()
    return call, delivery


_HELD = [event for event in EVENTS if event != "run_created"]


@_BARE
@pytest.mark.parametrize("event", _HELD)
def test_no_wake_while_the_caller_holds_a_message_of_the_run(
    db: Session, event: str
) -> None:
    call, delivery = _held(db, event)
    token = delivery["lease_token"]
    db.append(*call, facts=FACTS, payload=_payload(call[1]), lease_token=token)
    left = [m["kind"] for m in db.messages(call[0]) if m["lease_token"] is None]
    assert left == (["step"] if event == "step_created" else [])


@_BARE
@pytest.mark.parametrize("event", _HELD)
def test_a_stale_holder_leaves_what_anybody_leaves(db: Session, event: str) -> None:
    call, delivery = _held(db, event)
    db.set_clock(timedelta(seconds=16))
    assert len(db.claim("another")) == 1
    token = delivery["lease_token"]
    db.append(*call, facts=FACTS, payload=_payload(call[1]), lease_token=token)
    left = [m["kind"] for m in db.messages(call[0]) if m["lease_token"] is None]
    assert left == LEAVES[event]


def test_a_lease_that_ended_but_was_not_taken_still_counts(db: Session) -> None:
    call, delivery = _held(db, "wait_created")
    db.set_clock(timedelta(minutes=5))
    db.append(*call, facts=FACTS, lease_token=delivery["lease_token"])
    assert [m["message_id"] for m in db.messages(call[0])] == [delivery["message_id"]]


def test_a_lease_of_another_run_does_not_count(db: Session) -> None:
    _, delivery = _held(db, "wait_created")
    call = _prepared(db, "wait_created")
    db.append(*call, facts=FACTS, lease_token=delivery["lease_token"])
    assert _kinds(db, call[0]) == ["wake"]


def test_many_events_leave_one_wake(db: Session) -> None:
    run_id = db.new_run()
    (before,) = db.messages(run_id)
    for number in range(5):
        db.append(run_id, "wait_created", f"wait_{number}", facts=FACTS)
    assert db.messages(run_id) == [before]


def test_the_due_time_of_a_wake_only_moves_earlier(db: Session) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    now = db.now()
    db.set_clock(now)
    ids: set[str] = set()
    due: list[float] = []
    for delay in (60, 90, 30, 40, 0, 10):
        told = {"run_id": run_id, "kind": "wake", "delay": timedelta(seconds=delay)}
        (sent,) = db.call("send_message", **told)
        ids.add(sent["send_message"])
        (wake,) = db.messages(run_id)
        due.append((wake["due_at"] - now).total_seconds())
    assert due == [60, 60, 30, 30, 0, 0]
    assert ids == {wake["message_id"]}


def test_a_wake_beside_a_leased_one_is_a_second_message(db: Session) -> None:
    call, delivery = _held(db, "wait_created")
    db.append(*call, facts=FACTS)
    pending = [m for m in db.messages(call[0]) if m["lease_token"] is None]
    assert len(pending) == 1
    assert pending[0]["message_id"] != delivery["message_id"]


@pytest.mark.parametrize("event", ["step_completed", "step_failed"])
def test_a_step_that_ends_without_its_dispatch_takes_it_back(
    db: Session, event: str
) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "step_1", "running")
    db.new_step(run_id, "step_2", "running")
    db.append(run_id, event, "step_1")
    assert [m["step_id"] for m in db.messages(run_id) if m["kind"] == "step"] == [
        "step_2"
    ]


def test_a_step_that_ends_leaves_a_dispatch_that_is_being_handled(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "step_1", "running")
    deliveries = db.claim()
    db.append(run_id, "step_completed", "step_1")
    leased = [m["message_id"] for m in db.messages(run_id) if m["lease_token"]]
    assert sorted(leased) == sorted(d["message_id"] for d in deliveries)


@pytest.mark.parametrize("end", ["run_completed", "run_failed", "run_cancelled"])
def test_the_end_deletes_what_nobody_has_begun(db: Session, end: str) -> None:
    run_id, other = db.new_run(), db.new_run()
    db.new_step(run_id, "step_1", "running")
    db.new_step(run_id, "step_2")
    deliveries = {d["step_id"]: d for d in db.claim() if d["run_id"] == run_id}
    names = ("run_id", "message_id", "lease_token")
    buried = {name: deliveries["step_2"][name] for name in names}
    db.call("bury_message", error="why", **buried)
    db.call("send_message", run_id=run_id, kind="custom", body=b"x")
    db.append(run_id, end)
    kept = {m["message_id"]: m["buried_at"] is not None for m in db.messages(run_id)}
    assert kept == {d["message_id"]: s == "step_2" for s, d in deliveries.items()}
    assert len(db.messages(other)) == 1


def test_a_late_wake_of_a_final_run_is_nothing(db: Session) -> None:
    run_id = db.new_run("completed")
    with db.nothing_written():
        db.call("send_message", run_id=run_id, kind="wake")
