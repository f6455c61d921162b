"""How a delivery ends: acknowledged, later again, after an error, or untouched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import LATER, WORKFLOW, Row, Session, new_run_id

_RETURNS: dict[str, dict[str, Any]] = {
    "reschedule_message": {"delay": timedelta(seconds=30)},
    "nack_message": {"error": "why"},
    "release_message": {},
}


def _lease(delivery: Row) -> Row:
    names = ("run_id", "message_id", "lease_token")
    return {name: delivery[name] for name in names}


def _claimed(db: Session, attempts: int = 1) -> Row:
    """A delivery of the wake of a new run, so often delivered, at a stopped clock."""
    db.new_run()
    deliveries: list[Row] = []
    for number in range(attempts):
        db.set_clock(timedelta(minutes=number))
        deliveries = db.claim()
    (delivery,) = deliveries
    assert delivery["attempt"] == attempts
    db.set_clock(db.now())
    return delivery


def _only(db: Session, run_id: str) -> Row:
    (message,) = db.messages(run_id)
    return message


@pytest.mark.plants_unwakeable("acknowledges the last message of a run, as workers do")
def test_an_acknowledged_message_is_gone(db: Session) -> None:
    delivery = _claimed(db)
    db.call("ack_message", **_lease(delivery))
    assert db.messages(delivery["run_id"]) == []


def test_a_continuation_is_the_same_message_later(db: Session) -> None:
    delivery = _claimed(db, attempts=3)
    told = {"delay": timedelta(seconds=30), "idempotency_key": "wait_1"}
    db.call("reschedule_message", **_lease(delivery), **told)
    message = _only(db, delivery["run_id"])
    assert message["message_id"] == delivery["message_id"]
    assert message["due_at"] == db.now() + timedelta(seconds=30)
    assert (message["attempt"], message["idempotency_key"]) == (0, "wait_1")
    assert (message["lease_token"], message["lease_until"]) == (None, None)


def test_sixty_continuations_are_no_sign_of_trouble(db: Session) -> None:
    delivery = _claimed(db)
    for _ in range(60):
        told = {"delay": timedelta(0), **_lease(delivery)}
        db.call("reschedule_message", **told)
        (delivery,) = db.claim()
        assert (delivery["attempt"], delivery["is_exhausted"]) == (1, False)


def test_a_continuation_with_content_keeps_it(db: Session) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    db.call(
        "send_message", run_id=run_id, kind="custom", body=b"x", idempotency_key="a"
    )
    (delivery,) = db.claim()
    told = {"delay": timedelta(0), "idempotency_key": "b"}
    db.call("reschedule_message", **_lease(delivery), **told)
    (again,) = db.claim()
    assert (again["message_id"], again["body"]) == (delivery["message_id"], b"x")
    assert again["idempotency_key"] == "b"


@pytest.mark.parametrize("function", _RETURNS)
def test_a_wake_that_comes_back_merges_with_a_pending_one(
    db: Session, function: str
) -> None:
    delivery = _claimed(db, attempts=3)
    run_id = delivery["run_id"]
    db.append(run_id, "wait_created", "wait_1", facts={"resumeAt": LATER})
    db.call(function, **_lease(delivery), **_RETURNS[function])
    message = _only(db, run_id)
    assert message["message_id"] == delivery["message_id"]
    assert message["due_at"] == db.now()
    attempts = {"reschedule_message": 0, "nack_message": 3, "release_message": 2}
    assert message["attempt"] == attempts[function]


def test_a_wake_that_comes_back_earlier_than_the_pending_one_is_due_first(
    db: Session,
) -> None:
    delivery = _claimed(db)
    hour = timedelta(hours=1)
    db.call("send_message", run_id=delivery["run_id"], kind="wake", delay=hour)
    told = {"delay": timedelta(minutes=1)}
    db.call("reschedule_message", **_lease(delivery), **told)
    message = _only(db, delivery["run_id"])
    assert message["message_id"] == delivery["message_id"]
    assert message["due_at"] == db.now() + timedelta(minutes=1)


def test_the_older_id_stays_although_it_was_sent_for_later(db: Session) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    send: dict[str, Any] = {"run_id": run_id, "kind": "wake"}
    db.call("send_message", **send, message_id="msg_1", delay=timedelta(hours=1))
    db.call("send_message", **send)
    (delivery,) = db.claim()
    db.call("send_message", **send, message_id="msg_2")
    db.call("release_message", **_lease(delivery))
    assert _only(db, run_id)["message_id"] == "msg_1"


def test_a_continuation_whose_key_waits_already_is_acknowledged(db: Session) -> None:
    delivery = _claimed(db)
    run_id = delivery["run_id"]
    key = {"idempotency_key": "wait_1"}
    db.call("send_message", run_id=run_id, kind="custom", body=b"x", **key)
    told = {"delay": timedelta(minutes=1), **key}
    db.call("reschedule_message", **_lease(delivery), **told)
    assert _only(db, run_id)["kind"] == "custom"


def test_a_step_is_not_given_up_for_a_replay_with_its_key(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    (step,) = (d for d in db.claim() if d["kind"] == "step")
    told: Row = {"kind": "custom", "body": b"x", "idempotency_key": "again"}
    db.call("send_message", run_id=run_id, **told)
    delay = timedelta(0)
    db.call("reschedule_message", **_lease(step), delay=delay, idempotency_key="again")
    kept = {m["message_id"]: m["lease_token"] for m in db.messages(run_id)}
    assert kept[step["message_id"]] is None


def test_a_continuation_is_not_held_up_by_its_own_key(db: Session) -> None:
    delivery = _claimed(db)
    told = {"delay": timedelta(0), "idempotency_key": "wait_1"}
    for _ in range(3):
        db.call("reschedule_message", **_lease(delivery), **told)
        (delivery,) = db.claim()
    assert delivery["idempotency_key"] == "wait_1"


def test_a_continuation_goes_beside_a_key_that_is_being_handled(db: Session) -> None:
    delivery = _claimed(db)
    run_id = delivery["run_id"]
    told: Row = {"kind": "custom", "body": b"x", "idempotency_key": "key"}
    db.call("send_message", run_id=run_id, **told)
    db.do(
        "update workflow_pg_private.messages set lease_token = gen_random_uuid(),"
        " lease_until = now() where idempotency_key = 'key'"
    )
    told = {"delay": timedelta(0), "idempotency_key": "key"}
    db.call("reschedule_message", **_lease(delivery), **told)
    assert len(db.messages(run_id)) == 2


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 1), (2, 2), (3, 4), (4, 8), (7, 60), (12, 60)]
)
def test_an_error_delays_the_next_delivery_with_jitter(
    db: Session, attempt: int, seconds: int
) -> None:
    run_id = db.new_run()
    delays: list[float] = []
    db.set_clock(db.now())
    for _ in range(20):
        db.do(
            "update workflow_pg_private.messages set attempt = %s, due_at = %s",
            attempt - 1,
            db.now(),
        )
        (delivery,) = db.claim()
        db.call("nack_message", **_lease(delivery), error="why")
        message = _only(db, run_id)
        assert (message["attempt"], message["last_error"]) == (attempt, "why")
        delays.append((message["due_at"] - db.now()).total_seconds())
    assert seconds / 2 <= min(delays)
    assert max(delays) <= seconds
    assert len(set(delays)) > 1


def test_an_error_is_kept_to_a_thousand_characters(db: Session) -> None:
    delivery = _claimed(db)
    db.call("nack_message", **_lease(delivery), error="x" * 5000)
    assert len(_only(db, delivery["run_id"])["last_error"]) == 1000


def test_a_delivery_that_was_not_begun_does_not_count(db: Session) -> None:
    delivery = _claimed(db, attempts=2)
    db.call("release_message", **_lease(delivery))
    message = _only(db, delivery["run_id"])
    assert (message["attempt"], message["due_at"]) == (1, db.now())
    (again,) = db.claim()
    assert (again["attempt"], again["message_id"]) == (2, delivery["message_id"])


@pytest.mark.parametrize("function", _RETURNS)
def test_a_step_comes_back_as_itself(db: Session, function: str) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    _, step = sorted(db.claim(), key=lambda m: m["kind"] == "step")
    db.call(function, **_lease(step), **_RETURNS[function])
    db.set_clock(timedelta(minutes=2))
    again = next(m for m in db.claim() if m["kind"] == "step")
    assert again["message_id"] == step["message_id"]
    assert again["step_id"] == "step_1"


@pytest.mark.parametrize(
    "told",
    [
        {"delay": None},
        {"delay": timedelta(seconds=-1)},
        {"delay": timedelta(days=1001)},
        {"delay": timedelta(0), "idempotency_key": ""},
    ],
    ids=str,
)
def test_a_malformed_continuation_is_refused(db: Session, told: Row) -> None:
    delivery = _claimed(db)
    with db.refused("WF400"):
        db.call("reschedule_message", **_lease(delivery), **told)


@pytest.mark.parametrize("end", ["run_completed", "run_failed", "run_cancelled"])
@pytest.mark.parametrize("function", _RETURNS)
def test_a_delivery_of_a_run_that_is_over_does_not_come_back(
    db: Session, function: str, end: str
) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status="running")
    replay, step = sorted(db.claim(), key=lambda d: d["step_id"] or "")
    db.append(run_id, end)
    for delivery in (replay, step):
        db.call(function, **_lease(delivery), **_RETURNS[function])
    assert db.messages(run_id) == []


@pytest.mark.parametrize("function", _RETURNS)
def test_a_delivery_of_an_absent_run_comes_back(db: Session, function: str) -> None:
    run_id = new_run_id()
    told: Row = {
        "kind": "start",
        "body": b"x",
        "queue_name": f"__wkf_workflow_{WORKFLOW}",
    }
    db.call("send_message", run_id=run_id, **told)
    (delivery,) = db.claim()
    db.call(function, **_lease(delivery), **_RETURNS[function])
    assert _only(db, run_id)["lease_token"] is None
