"""A sleep that is over becomes one wake, by whoever claims next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import Row, Session


def _asleep(db: Session, *seconds: float, run_id: str | None = None) -> str:
    """A run without a message that sleeps so many seconds from a stopped clock."""
    run_id = run_id or db.new_run()
    db.set_clock(db.now())
    for number, delay in enumerate(seconds):
        facts = {"resumeAt": (db.now() + timedelta(seconds=delay)).isoformat()}
        db.append(run_id, "wait_created", f"wait_{number}", facts=facts)
    db.quiet(run_id)
    return run_id


def _later(db: Session, seconds: float) -> None:
    db.set_clock(db.now() + timedelta(seconds=seconds))


def _woken(db: Session) -> dict[str, bool]:
    rows = db.rows("select wait_id, is_woken from workflow_pg.waits order by wait_id")
    return {row["wait_id"]: row["is_woken"] for row in rows}


def _lease(delivery: Row) -> dict[str, Any]:
    names = ("run_id", "message_id", "lease_token")
    return {name: delivery[name] for name in names}


def test_a_sleep_is_over_when_its_time_has_come(db: Session) -> None:
    run_id = _asleep(db, 30)
    _later(db, 29.999)
    assert db.claim() == []
    assert _woken(db) == {"wait_0": False}
    _later(db, 0.001)
    (delivery,) = db.claim()
    assert (delivery["run_id"], delivery["kind"]) == (run_id, "wake")
    assert _woken(db) == {"wait_0": True}
    _later(db, 5)
    assert db.claim() == []
    assert len(db.messages(run_id)) == 1


def test_many_sleeps_of_a_run_become_one_wake(db: Session) -> None:
    run_id = _asleep(db, 10, 20, 30)
    _later(db, 60)
    assert len(db.claim()) == 1
    assert _woken(db) == {"wait_0": True, "wait_1": True, "wait_2": True}
    assert len(db.messages(run_id)) == 1


def test_a_worker_turns_the_sleeps_of_others_into_their_wakes(db: Session) -> None:
    run_id = _asleep(db, 10)
    _later(db, 60)
    assert db.claim(workflows=["another"]) == []
    assert [m["kind"] for m in db.messages(run_id)] == ["wake"]


def test_a_sleep_during_a_replay_is_left_to_it(db: Session) -> None:
    run_id = db.new_run()
    (delivery,) = db.claim()
    token = delivery["lease_token"]
    facts = {"resumeAt": db.now().isoformat()}
    db.append(run_id, "wait_created", "wait_0", facts=facts, lease_token=token)
    _later(db, 1)
    db.claim(workflows=["another"])
    assert _woken(db) == {"wait_0": True}
    assert [m["message_id"] for m in db.messages(run_id)] == [delivery["message_id"]]


@pytest.mark.parametrize(("ahead", "count"), [(0.5, 1), (1.0, 1), (1.5, 1), (60, 1)])
def test_a_sleep_just_before_a_pending_replay_needs_no_other(
    db: Session, ahead: float, count: int
) -> None:
    run_id = _asleep(db, 30)
    delay = timedelta(seconds=30 + ahead)
    told = {"run_id": run_id, "kind": "custom", "body": b"x", "delay": delay}
    db.call("send_message", **told)
    _later(db, 30)
    db.claim(workflows=["another"])
    assert _woken(db) == {"wait_0": True}
    kinds = [m["kind"] for m in db.messages(run_id)]
    assert ("wake" in kinds) == (ahead > 1)
    assert kinds.count("custom") == count


def test_a_step_under_way_does_not_stand_for_a_replay(db: Session) -> None:
    run_id = _asleep(db, 10)
    db.new_step(run_id)
    _later(db, 10)
    kinds = sorted(m["kind"] for m in db.claim())
    assert kinds == ["step", "wake"]


def test_a_buried_replay_does_not_stand_for_one(db: Session) -> None:
    run_id = db.new_run()
    db.do("update workflow_pg_private.messages set buried_at = now()")
    facts = {"resumeAt": db.now().isoformat()}
    db.append(run_id, "wait_created", "wait_0", facts=facts, wake=False)
    _later(db, 1)
    (delivery,) = db.claim()
    assert delivery["kind"] == "wake"


@pytest.mark.parametrize("is_completed", [True, False])
def test_a_replay_that_left_a_sleep_alone_is_followed_by_another(
    db: Session, *, is_completed: bool
) -> None:
    run_id = _asleep(db, 10)
    hook = {"facts": {"token": "t"}, "wake": False}
    db.append(run_id, "hook_created", "hook_1", **hook)
    db.call("send_message", run_id=run_id, kind="wake")
    (delivery,) = db.claim()
    _later(db, 10)
    db.claim(workflows=["another"])
    if is_completed:
        token = delivery["lease_token"]
        db.append(run_id, "wait_completed", "wait_0", lease_token=token)
    db.call("ack_message", **_lease(delivery))
    kinds = [m["kind"] for m in db.messages(run_id)]
    assert kinds == ([] if is_completed else ["wake"])


def test_a_step_that_is_acknowledged_leaves_a_sleep_to_the_replay(db: Session) -> None:
    run_id = _asleep(db, 10)
    db.new_step(run_id)
    _later(db, 10)
    deliveries = {delivery["kind"]: delivery for delivery in db.claim()}
    token = deliveries["step"]["lease_token"]
    db.append(run_id, "step_completed", "step_1", lease_token=token)
    db.call("ack_message", **_lease(deliveries["step"]))
    left = [m["message_id"] for m in db.messages(run_id)]
    assert left == [deliveries["wake"]["message_id"]]


def test_a_continuation_stands_for_the_sleep_it_is_for(db: Session) -> None:
    run_id = db.new_run()
    (delivery,) = db.claim()
    db.set_clock(db.now())
    facts = {"resumeAt": (db.now() + timedelta(seconds=2)).isoformat()}
    token = delivery["lease_token"]
    db.append(run_id, "wait_created", "wait_0", facts=facts, lease_token=token)
    told = {"delay": timedelta(seconds=2), "idempotency_key": "wait_0"}
    db.call("reschedule_message", **_lease(delivery), **told)
    _later(db, 2)
    (again,) = db.claim()
    assert again["message_id"] == delivery["message_id"]
    assert len(db.messages(run_id)) == 1


def test_a_sleep_that_was_ended_early_wakes_once(db: Session) -> None:
    run_id = _asleep(db, 30)
    db.append(run_id, "wait_completed", "wait_0")
    (delivery,) = db.claim()
    hook = {"facts": {"token": "t"}, "wake": False}
    db.append(run_id, "hook_created", "hook_1", **hook)
    db.call("ack_message", **_lease(delivery))
    _later(db, 60)
    assert db.claim() == []


def test_the_sleeps_of_a_final_run_wake_nobody(db: Session) -> None:
    run_id = _asleep(db, 10)
    db.append(run_id, "run_cancelled")
    _later(db, 60)
    assert db.claim() == []
    assert db.messages(run_id) == []


def test_more_sleeps_than_one_claim_turns_are_turned_by_the_next(db: Session) -> None:
    runs = {_asleep(db, 10) for _ in range(130)}
    _later(db, 10)
    seen: set[str] = set()
    for _ in range(3):
        seen |= {delivery["run_id"] for delivery in db.claim(limit=1000)}
    assert seen == runs
