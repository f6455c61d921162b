"""Workers and writers that meet at one message, one sleep, or one lease."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from operator import itemgetter
from typing import Any

import pytest

from tests.concurrency.sessions import PATIENCE, Rival, is_waiting, outcome, wait_until
from tests.support import WORKFLOW, Row, Session, new_run_id

Open = Callable[[], Rival]

PAST = {"resumeAt": "2001-01-01T00:00:00Z"}


def _claimed(db: Session) -> tuple[str, Row]:
    """A run whose only message is claimed, and the delivery."""
    run_id = db.new_run()
    (delivery,) = db.claim()
    return run_id, delivery


def _lease(delivery: Row) -> dict[str, Any]:
    names = ("run_id", "message_id", "lease_token")
    return {name: delivery[name] for name in names}


def test_two_workers_do_not_get_one_message(db: Session, rival: Open) -> None:
    db.new_run()
    first, second = rival(), rival()
    with first.open():
        assert len(first.session.claim("worker_1")) == 1
        assert second.session.claim("worker_2") == []
    assert second.session.claim("worker_2") == []


def test_two_workers_do_not_get_one_message_whose_lease_ended(
    db: Session, rival: Open
) -> None:
    db.new_run()
    db.claim()
    db.set_clock(timedelta(seconds=16))
    first, second = rival(), rival()
    with first.open():
        assert len(first.session.claim("worker_1")) == 1
        assert second.session.claim("worker_2") == []
    assert second.session.claim("worker_2") == []


@pytest.mark.parametrize("limit", [1, 100])
def test_two_workers_do_not_replay_one_run_at_once(
    db: Session, rival: Open, limit: int
) -> None:
    run_id = db.new_run()
    db.call("send_message", run_id=run_id, kind="custom", body=b"x")
    first, second = rival(), rival()
    with first.open():
        assert len(first.session.claim("worker_1", limit=limit)) == 1
        assert second.session.claim("worker_2", limit=limit) == []
    assert second.session.claim("worker_2", limit=limit) == []


def test_a_wake_that_is_merged_is_not_claimed_before_its_event(
    db: Session, rival: Open
) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    writer, worker = rival(), rival()
    with writer.open():
        writer.session.append(run_id, "step_completed", "step_1")
        assert worker.session.claim() == []
    (delivery,) = worker.session.claim()
    assert delivery["kind"] == "wake"


def test_a_wake_that_meets_a_claim_is_left_anew(db: Session, rival: Open) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    worker, writer = rival(), rival()
    with worker.open():
        (delivery,) = worker.session.claim(steps=["another"])
        worker.session.call("ack_message", **_lease(delivery))
        call = writer.blocked(lambda s: s.append(run_id, "step_completed", "step_1"))
    assert outcome(call) == "step_completed"
    (wake,) = db.messages(run_id)
    assert (wake["kind"], wake["lease_token"]) == ("wake", None)


def test_a_lease_is_not_taken_while_its_holder_writes(db: Session, rival: Open) -> None:
    run_id, delivery = _claimed(db)
    db.new_step(run_id, status="running")
    db.set_clock(timedelta(seconds=16))
    holder, taker = rival(), rival()
    with holder.open():
        token = delivery["lease_token"]
        holder.session.append(
            run_id, "step_completed", "step_1", lease_token=token, wake=True
        )
        assert taker.session.claim(steps=["another"]) == []
    # The event left no wake: the message that comes back is the wake.
    (again,) = taker.session.claim(steps=["another"])
    assert again["message_id"] == delivery["message_id"]
    assert "wake" not in [m["kind"] for m in db.messages(run_id) if not m["worker_id"]]


def test_a_holder_whose_lease_is_being_taken_leaves_a_wake(
    db: Session, rival: Open
) -> None:
    run_id, delivery = _claimed(db)
    db.new_step(run_id, status="running")
    db.set_clock(timedelta(seconds=16))
    taker, holder = rival(), rival()
    token = delivery["lease_token"]
    with taker.open():
        assert len(taker.session.claim(steps=["another"])) == 1
        call = holder.blocked(
            lambda s: s.append(run_id, "step_completed", "step_1", lease_token=token)
        )
    assert outcome(call) == "step_completed"
    kinds = [(m["kind"], m["lease_token"] is None) for m in db.messages(run_id)]
    assert ("wake", True) in kinds


def test_two_sweeps_wake_a_run_once(db: Session, rival: Open) -> None:
    run_id = db.new_run()
    db.append(run_id, "wait_created", "wait_1", facts=PAST)
    db.quiet(run_id)
    first, second = rival(), rival()
    with first.open():
        assert len(first.session.claim("worker_1")) == 1
        assert second.session.claim("worker_2") == []
    assert second.session.claim("worker_2") == []
    assert len(db.messages(run_id)) == 1


def test_a_sweep_leaves_a_wait_that_is_being_completed(
    db: Session, rival: Open
) -> None:
    run_id = db.new_run()
    db.append(run_id, "wait_created", "wait_1", facts=PAST)
    db.quiet(run_id)
    writer, worker = rival(), rival()
    with writer.open():
        writer.session.append(run_id, "wait_completed", "wait_1")
        assert worker.session.claim() == []
    assert len(worker.session.claim()) == 1


def test_a_wait_is_completed_after_its_sweep(db: Session, rival: Open) -> None:
    run_id = db.new_run()
    db.append(run_id, "wait_created", "wait_1", facts=PAST)
    db.quiet(run_id)
    worker, writer = rival(), rival()
    with worker.open():
        (delivery,) = worker.session.claim()
        call = writer.blocked(lambda s: s.append(run_id, "wait_completed", "wait_1"))
    assert outcome(call) == "wait_completed"
    # The replay that the sweep began may not have seen the event.
    assert len(db.messages(run_id)) == 2
    db.call("ack_message", **_lease(delivery))


@pytest.mark.parametrize("is_append_first", [True, False])
def test_a_wake_that_comes_back_merges_with_one_being_left(
    db: Session, rival: Open, *, is_append_first: bool
) -> None:
    run_id, delivery = _claimed(db)
    db.append(run_id, "hook_created", "hook_1", facts={"token": "t"}, wake=False)

    def append(session: Session) -> object:
        return session.append(run_id, "hook_received", "hook_1", payload=b"x")

    def reschedule(session: Session) -> object:
        delay = timedelta(minutes=5)
        return session.call("reschedule_message", delay=delay, **_lease(delivery))

    one, other = (append, reschedule) if is_append_first else (reschedule, append)
    first, second = rival(), rival()
    with first.open():
        one(first.session)
        call = second.blocked(other)
    call.result(PATIENCE)
    (wake,) = db.messages(run_id)
    assert wake["message_id"] == delivery["message_id"]
    assert wake["due_at"] <= db.now()
    assert (wake["lease_token"], wake["attempt"]) == (None, 0)


@pytest.mark.parametrize("is_end_first", [True, False])
@pytest.mark.parametrize("kind", ["wake", "custom"])
def test_a_delivery_that_comes_back_while_its_run_ends_is_gone(
    db: Session, rival: Open, kind: str, *, is_end_first: bool
) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    db.call(
        "send_message",
        run_id=run_id,
        kind=kind,
        body=b"x" if kind == "custom" else None,
    )
    (delivery,) = db.claim()

    def end(session: Session) -> object:
        return session.append(run_id, "run_cancelled")

    def reschedule(session: Session) -> object:
        delay = timedelta(hours=1)
        return session.call("reschedule_message", delay=delay, **_lease(delivery))

    one, other = (end, reschedule) if is_end_first else (reschedule, end)
    first, second = rival(), rival()
    with first.open():
        one(first.session)
        call = second.blocked(other)
    call.result(PATIENCE)
    assert db.messages(run_id) == []


def _two_replays_and_a_due_wait(db: Session) -> tuple[str, Row]:
    """A run with a leased wake, a pending one before it, and a sleep that is over."""
    run_id = db.new_run()
    db.quiet(run_id)
    db.call("send_message", run_id=run_id, kind="wake", message_id="msg_b")
    (delivery,) = db.claim()
    db.call("send_message", run_id=run_id, kind="wake", message_id="msg_a")
    db.append(run_id, "wait_created", "wait_1", facts=PAST, wake=False)
    db.call("renew_leases", **{f"{k}s": [v] for k, v in _lease(delivery).items()})
    return run_id, delivery


def test_a_sweep_and_a_wake_that_comes_back_do_not_deadlock(
    db: Session, rival: Open
) -> None:
    run_id, delivery = _two_replays_and_a_due_wait(db)
    holder, worker = rival(), rival()
    with holder.open():
        # The first thing that giving a message back does.
        holder.session.do(
            "select from workflow_pg_private.messages"
            " where run_id = %s and message_id = 'msg_b' for update",
            run_id,
        )
        call = worker.begin(Session.claim)
        wait_until(lambda: call.done() or is_waiting(db, worker.pid))
        delay = timedelta(0)
        holder.session.call("reschedule_message", delay=delay, **_lease(delivery))
    assert call.exception(PATIENCE) is None


def test_a_sweep_and_a_burial_do_not_deadlock(db: Session, rival: Open) -> None:
    run_id, delivery = _claimed(db)
    db.append(run_id, "hook_created", "hook_1", facts={"token": "t"}, wake=False)
    db.append(run_id, "wait_created", "wait_1", facts=PAST, wake=False)
    lock, burial, worker = rival(), rival(), rival()
    with lock.open():
        lock.session.do(
            "select from workflow_pg.hooks where run_id = %s for update", run_id
        )
        # It has locked its message, and comes to the waits next.
        buried = burial.blocked(
            lambda s: s.call("bury_message", error="why", **_lease(delivery))
        )
        call = worker.begin(Session.claim)
        wait_until(lambda: call.done() or is_waiting(db, worker.pid))
    assert buried.exception(PATIENCE) is None
    assert call.exception(PATIENCE) is None
    assert db.types(run_id)[-1] == "run_failed"


def test_a_repeated_send_of_a_claimed_wake_changes_nothing(
    db: Session, rival: Open
) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    told = {"run_id": run_id, "kind": "wake", "message_id": "msg_1"}
    db.call("send_message", **told)
    worker, sender = rival(), rival()
    with worker.open():
        worker.session.claim(workflows=[WORKFLOW])
        call = sender.begin(lambda s: s.call("send_message", **told))
        wait_until(lambda: call.done() or is_waiting(db, sender.pid))
    assert call.result(PATIENCE) == [{"send_message": "msg_1"}]
    assert len(db.messages(run_id)) == 1


def test_leases_are_renewed_in_one_order_whatever_was_asked(
    db: Session, rival: Open
) -> None:
    # As they lie in the table, and as they are asked for, the later one comes first.
    for run_id in sorted((new_run_id() for _ in range(2)), reverse=True):
        db.new_run(run_id=run_id)
    leases = sorted(map(_lease, db.claim()), key=itemgetter("run_id"))
    arrays = {f"{name}s": [one[name] for one in leases[::-1]] for name in leases[0]}
    lock = (
        "select from workflow_pg_private.messages where run_id = %s for update nowait"
    )
    holder, keeper = rival(), rival()
    with holder.open():
        holder.session.do(lock, leases[0]["run_id"])
        call = keeper.blocked(lambda s: s.call("renew_leases", **arrays))
        # The other one is locked by nobody yet: two keepers cannot wait in a circle.
        holder.session.do(lock, leases[1]["run_id"])
    assert len(call.result(PATIENCE)) == 2


def test_a_lease_that_waits_to_be_renewed_lasts_from_then_on(
    own: Session, rival_of_own: Open
) -> None:
    run_id, delivery = _claimed(own)
    holder, keeper = rival_of_own(), rival_of_own()
    with holder.open():
        holder.session.do(
            "select from workflow_pg_private.messages where run_id = %s for update",
            run_id,
        )
        arrays = {f"{name}s": [value] for name, value in _lease(delivery).items()}
        call = keeper.blocked(lambda s: s.call("renew_leases", **arrays))
        later = own.now() + timedelta(minutes=5)
        own.set_clock(later)
    assert len(call.result(PATIENCE)) == 1
    (message,) = own.messages(run_id)
    assert message["lease_until"] == later + timedelta(seconds=15)
