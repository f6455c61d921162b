"""Steps that a delivery executes itself, beside the message that is for its death."""

from __future__ import annotations

from datetime import timedelta

from tests.batches.calls import Entry, batch, statuses
from tests.support import STEP, Row, Session

LATER = timedelta(hours=2)


def _deliver(
    db: Session, *, lease: timedelta = timedelta(seconds=15)
) -> tuple[str, Row]:
    """A run and its delivery, whose handler has begun step_1."""
    run_id = db.new_run()
    (delivery,) = db.claim(lease=lease)
    _begin(db, run_id, delivery)
    return run_id, delivery


def _begin(db: Session, run_id: str, delivery: Row) -> None:
    db.call(
        "start_new_step",
        run_id=run_id,
        step_id="step_1",
        step_name=STEP,
        input=b"in",
        owner_message_id=delivery["message_id"],
    )


def _dispatch(db: Session, run_id: str) -> Row:
    (message,) = [m for m in db.messages(run_id) if m["kind"] == "step"]
    return message


def _kinds(deliveries: list[Row]) -> list[str]:
    return [delivery["kind"] for delivery in deliveries]


def _ack(db: Session, delivery: Row) -> None:
    names = ("run_id", "message_id", "lease_token")
    db.call("ack_message", **{name: delivery[name] for name in names})


def test_it_is_not_dispatched_while_the_delivery_lives(db: Session) -> None:
    _, delivery = _deliver(db, lease=timedelta(hours=1))
    db.set_clock(timedelta(minutes=30))
    assert db.claim() == []
    assert [row["due"] for row in db.call("queue_stats") if row["serves"] == STEP] == [
        0
    ]
    _ack(db, delivery)
    assert _kinds(db.claim()) == ["step"]


def test_a_step_that_nobody_holds_any_more_is_counted_as_due(db: Session) -> None:
    _, delivery = _deliver(db)
    _ack(db, delivery)
    db.set_clock(timedelta(minutes=30))
    (row,) = db.call("queue_stats")
    assert (row["serves"], row["due"], row["delayed"]) == (STEP, 1, 0)
    findings = {row["subject"]: row["severity"] for row in db.call("diagnose")}
    assert findings["backlog"] == "problem"


def test_after_a_crash_the_delivery_comes_back_and_not_the_step(db: Session) -> None:
    _, delivery = _deliver(db)
    db.set_clock(LATER)
    (again,) = db.claim()
    assert again["message_id"] == delivery["message_id"]


def test_a_retry_that_is_sent_is_due_when_its_sender_says(db: Session) -> None:
    run_id, delivery = _deliver(db)
    db.append(run_id, "step_retrying", "step_1", lease_token=delivery["lease_token"])
    db.set_clock(now := db.now())
    db.call(
        "send_message",
        run_id=run_id,
        kind="step",
        step_id="step_1",
        delay=timedelta(seconds=3),
    )
    dispatch = _dispatch(db, run_id)
    assert (dispatch["due_at"] - now, dispatch["held_by"]) == (
        timedelta(seconds=3),
        None,
    )


def test_another_start_of_a_step_that_is_dispatched_holds_its_message(
    db: Session,
) -> None:
    run_id = db.new_run()
    (delivery,) = db.claim(steps=[])
    db.new_step(run_id)
    owner = delivery["message_id"]
    db.call("start_step", run_id=run_id, step_id="step_1", owner_message_id=owner)
    assert _dispatch(db, run_id)["held_by"] == owner
    assert db.claim() == []


def test_the_end_of_the_step_withdraws_its_message(db: Session) -> None:
    run_id, delivery = _deliver(db)
    token = delivery["lease_token"]
    db.append(run_id, "step_completed", "step_1", payload=b"out", lease_token=token)
    assert _kinds(db.messages(run_id)) == ["wake"]


def test_a_replay_is_delivered_beside_a_step_but_not_beside_a_replay(
    db: Session,
) -> None:
    run_id = db.new_run()
    (delivery,) = db.claim()
    db.call("send_message", run_id=run_id, kind="wake")
    assert db.claim() == []
    _begin(db, run_id, delivery)
    (beside,) = db.claim()
    assert beside["kind"] == "wake"
    _ack(db, beside)
    token = delivery["lease_token"]
    db.append(run_id, "step_completed", "step_1", payload=b"out", lease_token=token)
    db.call("send_message", run_id=run_id, kind="wake")
    assert db.claim() == []


def test_a_step_that_a_batch_bears_is_held_by_the_delivery(db: Session) -> None:
    run_id = db.new_run()
    (delivery,) = db.claim(lease=timedelta(hours=1))
    pair = [Entry("step_created", "s", payload=b"in"), Entry("step_started", "s")]
    outcomes = batch(db, run_id, pair, lease_token=delivery["lease_token"])
    assert statuses(outcomes) == [200, 200]
    assert _dispatch(db, run_id)["held_by"] == delivery["message_id"]
    db.set_clock(timedelta(minutes=30))
    assert db.claim() == []


def test_why_names_the_worker_and_not_the_message(db: Session) -> None:
    run_id, _ = _deliver(db)
    causes = [row["cause"] for row in db.call("why", run_id=run_id)]
    assert causes == ["leased", "step"]
