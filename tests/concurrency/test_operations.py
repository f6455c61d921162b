"""What people do by hand meets what workers do at the same moment."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from tests.concurrency.sessions import (
    PATIENCE,
    Rival,
    is_waiting,
    outcome,
    wait_until,
)
from tests.support import LATER, WORKFLOW, Session, new_run_id

Open = Callable[[], Rival]


def _sqlstate(error: BaseException | None) -> str | None:
    assert isinstance(error, psycopg.Error)
    return error.sqlstate


def _left(db: Session, run_id: str) -> int:
    """How many rows the log and the steps of a run have."""
    return len(db.log(run_id)) + len(db.call("list_steps", run_id=run_id))


def test_two_who_retry_a_run_at_once_start_one(db: Session, rival: Open) -> None:
    old = db.new_run("failed")
    first, second = rival(), rival()
    with first.open():
        (reply,) = first.session.call("retry_run", run_id=old)
        call = second.blocked(lambda s: s.call("retry_run", run_id=old))
    assert _sqlstate(call.exception(PATIENCE)) == "WF409"
    runs = {run["run_id"] for run in db.call("list_runs")}
    assert runs == {old, reply["run_id"]}


def test_a_retry_that_is_repeated_while_open_returns_the_first_reply(
    db: Session, rival: Open
) -> None:
    old = db.new_run("failed")
    told = {"run_id": old, "new_run_id": new_run_id(), "dedup_key": "k"}
    first, second = rival(), rival()
    with first.open():
        (reply,) = first.session.call("retry_run", **told)
        call = second.blocked(lambda s: s.call("retry_run", **told))
    assert call.result(PATIENCE) == [reply]
    assert len(db.call("list_runs")) == 2


@pytest.mark.parametrize("is_delete_first", [True, False])
def test_a_retry_and_a_deletion_do_not_cross(
    db: Session, rival: Open, *, is_delete_first: bool
) -> None:
    old = db.new_run("failed")
    first, second = rival(), rival()
    names = ["delete_run", "retry_run"]
    if not is_delete_first:
        names.reverse()
    with first.open():
        first.session.call(names[0], run_id=old)
        call = second.blocked(lambda s: s.call(names[1], run_id=old))
    if is_delete_first:
        assert _sqlstate(call.exception(PATIENCE)) == "WF404"
    else:
        assert call.exception(PATIENCE) is None
    assert len(db.call("list_runs")) == (0 if is_delete_first else 1)


@pytest.mark.parametrize("is_delete_first", [True, False])
@pytest.mark.parametrize("event", ["step_completed", "step_failed"])
def test_a_late_end_of_a_step_meets_the_deletion_of_its_run(
    db: Session, rival: Open, event: str, *, is_delete_first: bool
) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status="running")
    db.append(run_id, "run_cancelled")
    deleter, worker = rival(), rival()

    def end(session: Session) -> object:
        return session.append(run_id, event, "step_1", payload=b"out")

    if is_delete_first:
        with deleter.open():
            deleter.session.call("delete_run", run_id=run_id)
            call = worker.blocked(
                lambda s: s.append(run_id, event, "step_1", payload=b"out")
            )
        assert outcome(call) == "WF404"
    else:
        with worker.open():
            end(worker.session)
            gone = deleter.blocked(lambda s: s.call("delete_run", run_id=run_id))
        assert gone.result(PATIENCE)[0]["events"] == 6
    assert _left(db, run_id) == 0


def test_two_deletions_are_one_deletion(db: Session, rival: Open) -> None:
    run_id = db.new_run("completed")
    first, second = rival(), rival()
    with first.open():
        first.session.call("delete_run", run_id=run_id)
        call = second.blocked(lambda s: s.call("delete_run", run_id=run_id))
    assert _sqlstate(call.exception(PATIENCE)) == "WF404"


def _buried(db: Session) -> str:
    """The run of a message that came before it and was given up."""
    run_id = new_run_id()
    told = {"queue_name": f"__wkf_workflow_{WORKFLOW}", "body": b"x"}
    db.call("send_message", run_id=run_id, kind="custom", message_id="msg_1", **told)
    (held,) = db.claim()
    names = ("run_id", "message_id", "lease_token")
    db.call("bury_message", error="why", **{name: held[name] for name in names})
    return run_id


def test_a_claim_does_not_wait_for_a_message_that_is_requeued(
    db: Session, rival: Open
) -> None:
    _buried(db)
    mender, worker = rival(), rival()
    with mender.open():
        mender.session.call("requeue_messages", message_id="msg_1")
        assert worker.session.claim() == []
    assert [m["message_id"] for m in worker.session.claim()] == ["msg_1"]


def test_two_who_requeue_a_message_at_once_deliver_it_once(
    db: Session, rival: Open
) -> None:
    _buried(db)
    first, second = rival(), rival()
    with first.open():
        first.session.call("requeue_messages", message_id="msg_1")
        call = second.blocked(lambda s: s.call("requeue_messages", message_id="msg_1"))
    assert _sqlstate(call.exception(PATIENCE)) == "WF404"
    assert len(db.claim()) == 1


def test_a_run_that_ends_while_its_message_is_requeued_leaves_none(
    db: Session, rival: Open
) -> None:
    run_id = _buried(db)
    db.new_run(run_id=run_id)
    mender, ender = rival(), rival()
    with mender.open():
        mender.session.call("requeue_messages", run_id=run_id)
        call = ender.blocked(lambda s: s.append(run_id, "run_completed"))
    assert outcome(call) == "run_completed"
    assert db.messages(run_id) == []


@pytest.mark.parametrize("is_wake_first", [True, False])
def test_a_wait_is_completed_once_by_hand_or_by_a_worker(
    db: Session, rival: Open, *, is_wake_first: bool
) -> None:
    run_id = db.new_run()
    db.append(run_id, "wait_created", "wait_1", facts={"resumeAt": LATER})
    hand, worker = rival(), rival()
    if is_wake_first:
        with hand.open():
            hand.session.call("wake_run", run_id=run_id, with_waits=True)
            call = worker.blocked(
                lambda s: s.append(run_id, "wait_completed", "wait_1")
            )
        assert outcome(call) == "WF409"
    else:
        with worker.open():
            worker.session.append(run_id, "wait_completed", "wait_1")
            woken = hand.blocked(
                lambda s: s.call("wake_run", run_id=run_id, with_waits=True)
            )
        assert woken.result(PATIENCE)[0]["waits_completed"] == 0
    assert db.types(run_id).count("wait_completed") == 1


def test_a_wake_by_hand_is_not_lost_to_a_worker_that_claims(
    db: Session, rival: Open
) -> None:
    run_id = db.new_run()
    hand, worker = rival(), rival()
    with hand.open():
        (done,) = hand.session.call("wake_run", run_id=run_id)
        call = worker.begin(Session.claim)
        wait_until(lambda: call.done() or is_waiting(db, worker.pid))
        assert call.result(PATIENCE) == []
    assert [m["message_id"] for m in worker.session.claim()] == [done["message_id"]]
