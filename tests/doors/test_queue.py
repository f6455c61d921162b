"""A message through every door: sent, claimed, kept, given back, and done."""

from __future__ import annotations

from datetime import timedelta

from tests.doors.checks import begin, refused
from tests.doors.door import Door
from tests.doors.table import through_those_with
from tests.support import Session


def test_a_message_with_a_key_is_sent_once(door: Door, db: Session) -> None:
    run_id = begin(door)
    db.quiet(run_id)
    sent = door.send_message(run_id, "hello", "key")
    with db.nothing_written():
        assert door.send_message(run_id, "hello again", "key") == sent
    (message,) = db.messages(run_id)
    assert (message["message_id"], message["kind"]) == (sent, "custom")


@through_those_with("claim_messages")
def test_a_message_is_held_by_one_worker_at_a_time(door: Door, db: Session) -> None:
    run_id = begin(door)
    db.quiet(run_id)
    sent = door.send_message(run_id, "hello", "key")
    db.set_clock(db.now())
    (first,) = door.claim_messages("worker 1", 15)
    assert (first.run_id, first.message_id, first.kind) == (run_id, sent, "custom")
    assert (first.attempt, first.note) == (1, "hello")
    assert door.claim_messages("worker 2", 15) == []
    db.set_clock(db.now() + timedelta(seconds=10))
    assert door.extend_lease(first, 15)
    db.set_clock(db.now() + timedelta(seconds=10))
    assert door.claim_messages("worker 2", 15) == []
    db.set_clock(db.now() + timedelta(seconds=10))
    (second,) = door.claim_messages("worker 2", 15)
    assert (second.message_id, second.attempt) == (sent, 2)
    with db.nothing_written():
        assert not door.extend_lease(first, 15)
    with refused(db, 409):
        door.ack_message(first)
    with refused(db, 409):
        door.release_message(first)
    door.release_message(second)
    (third,) = door.claim_messages("worker 3", 15)
    assert third.attempt == 2
    door.ack_message(third)
    with db.nothing_written():
        door.ack_message(third)
    assert db.messages(run_id) == []
    door.cancel_run(run_id)


@through_those_with("claim_messages")
def test_a_run_is_delivered_once(door: Door, db: Session) -> None:
    run_id = begin(door)
    (delivery,) = door.claim_messages("worker", 15)
    assert (delivery.run_id, delivery.kind, delivery.note) == (run_id, "wake", None)
    door.complete_run(run_id, b"out")
    door.ack_message(delivery)
    assert db.messages(run_id) == []
