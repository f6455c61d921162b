"""What is sent twice, or was left already, is delivered once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import STEP, WORKFLOW, Session, new_run_id

QUEUE = f"__wkf_workflow_{WORKFLOW}"


def _send(db: Session, run_id: str, kind: str | None, **options: object) -> str:
    (sent,) = db.call("send_message", run_id=run_id, kind=kind, **options)
    return sent["send_message"]


def test_a_start_is_delivered_once(db: Session) -> None:
    run_id = db.new_run("pending")
    (wake,) = db.messages(run_id)
    with db.nothing_written():
        sent = _send(db, run_id, "start", body=b"x", queue_name=QUEUE)
    assert sent == wake["message_id"]


def test_a_start_of_a_run_that_is_being_replayed_is_that_replay(db: Session) -> None:
    run_id = db.new_run("pending")
    (delivery,) = db.claim()
    with db.nothing_written():
        assert _send(db, run_id, "start", body=b"x") == delivery["message_id"]


def test_a_start_of_an_absent_run_is_kept_with_its_body(db: Session) -> None:
    run_id = new_run_id()
    told: dict[str, Any] = {"queue_name": "__team_wkf_workflow_a/b", "body": b"\x00"}
    sent = _send(db, run_id, "start", message_id="msg_1", deployment_id="blue", **told)
    (message,) = db.messages(run_id)
    assert sent == message["message_id"] == "msg_1"
    assert (message["serves"], message["deployment_id"]) == ("a/b", "blue")
    assert (message["body"], message["codec"]) == (b"\x00", "cbor")


def test_a_step_is_dispatched_with_its_creation(db: Session) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    with db.conn.transaction(force_rollback=True):
        db.new_step(run_id)
        (dispatch,) = db.messages(run_id)
        assert (dispatch["kind"], dispatch["step_id"]) == ("step", "step_1")
    assert db.messages(run_id) == []
    db.new_step(run_id)


@pytest.mark.parametrize("is_leased", [True, False])
def test_a_step_that_is_sent_again_converges(db: Session, *, is_leased: bool) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    if is_leased:
        db.claim()
    (dispatch,) = [m for m in db.messages(run_id) if m["kind"] == "step"]
    delay = timedelta(hours=1)
    with db.nothing_written():
        sent = _send(db, run_id, "step", step_id="step_1", delay=delay)
    assert sent == dispatch["message_id"]


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_a_final_step_is_not_dispatched(db: Session, status: str) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status=status)
    with db.nothing_written():
        _send(db, run_id, "step", step_id="step_1")


def test_a_step_of_a_final_run_is_not_dispatched(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    db.append(run_id, "run_cancelled")
    with db.nothing_written():
        _send(db, run_id, "step", step_id="step_1")


def test_a_step_whose_message_is_gone_is_dispatched_again(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    db.quiet(run_id)
    _send(db, run_id, "step", step_id="step_1")
    (dispatch,) = db.messages(run_id)
    assert (dispatch["kind"], dispatch["serves"]) == ("step", STEP)


def test_a_key_binds_while_its_message_lives(db: Session) -> None:
    run_id = db.new_run()
    told: dict[str, Any] = {"body": b"x", "idempotency_key": "key"}
    first = _send(db, run_id, "custom", **told)
    with db.nothing_written():
        assert _send(db, run_id, "custom", **told) == first

    deliveries = db.claim()
    with db.nothing_written():
        assert _send(db, run_id, "custom", **told) == first

    for delivery in deliveries:
        names = ("run_id", "message_id", "lease_token")
        db.call("ack_message", **{name: delivery[name] for name in names})
    # Of two replays only one was delivered.
    db.do("delete from workflow_pg_private.messages where message_id = %s", first)
    assert _send(db, run_id, "custom", **told) != first


def test_a_key_is_one_runs_own(db: Session) -> None:
    told: dict[str, Any] = {"body": b"x", "idempotency_key": "key"}
    one, other = (_send(db, db.new_run(), "custom", **told) for _ in range(2))
    assert one != other


@pytest.mark.parametrize("kind", ["wake", "step", "hook", "custom", "start"])
def test_a_send_that_is_repeated_changes_nothing(db: Session, kind: str) -> None:
    run_id = new_run_id() if kind == "start" else db.new_run()
    if kind == "step":
        db.new_step(run_id)
    db.quiet(run_id)
    told: dict[str, Any] = {
        "message_id": "msg_1",
        "step_id": "step_1" if kind == "step" else None,
        "body": None if kind in {"wake", "step"} else b"x",
        "queue_name": QUEUE,
    }
    assert _send(db, run_id, kind, **told) == "msg_1"
    with db.nothing_written():
        assert _send(db, run_id, kind, **told) == "msg_1"
    db.claim()
    with db.nothing_written():
        assert _send(db, run_id, kind, **told) == "msg_1"


def test_messages_with_content_do_not_merge(db: Session) -> None:
    run_id = db.new_run()
    for kind in ("hook", "custom", "custom"):
        _send(db, run_id, kind, body=b"x")
    assert len(db.messages(run_id)) == 4


def test_a_delayed_message_was_sent_when_it_was_sent(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    db.quiet(run_id)
    delay = timedelta(hours=1)
    _send(db, run_id, "wake", delay=delay)
    _send(db, run_id, "custom", body=b"x", delay=delay)
    _send(db, run_id, "step", step_id="step_1", delay=delay)
    for message in db.messages(run_id):
        assert message["created_at"] <= db.now() < message["due_at"]


@pytest.mark.parametrize("kind", ["wake", "step", "hook"])
def test_an_absent_run_gets_no_message(db: Session, kind: str) -> None:
    run_id = new_run_id()
    with db.refused("WF404", entity="run", id=run_id):
        _send(db, run_id, kind, step_id="step_1", body=b"x")


def test_an_absent_step_gets_no_message(db: Session) -> None:
    run_id = db.new_run()
    with db.refused("WF404", entity="step", id="step_1"):
        _send(db, run_id, "step", step_id="step_1")


@pytest.mark.parametrize(
    "queue_name",
    ["", "w", "__wkf_step_w", "__wkf_workflow_", "__A_wkf_workflow_w", None],
)
def test_a_malformed_queue_name_is_refused(db: Session, queue_name: str | None) -> None:
    with db.refused("WF400", argument="queue name"):
        _send(db, new_run_id(), "start", queue_name=queue_name, body=b"x")


@pytest.mark.parametrize("kind", ["start", "custom"])
def test_a_message_with_content_needs_it(db: Session, kind: str) -> None:
    with db.refused("WF400", argument="body"):
        _send(db, new_run_id(), kind, queue_name=QUEUE)


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ("message id", {"message_id": ""}),
        ("message id", {"message_id": "x" * 256}),
        ("idempotency key", {"idempotency_key": ""}),
        ("idempotency key", {"idempotency_key": "x" * 513}),
        ("delay", {"delay": timedelta(seconds=-1)}),
        ("delay", {"delay": timedelta(days=1001)}),
        ("delay", {"delay": timedelta.max}),
        ("delay", {"delay": None}),
    ],
)
def test_a_malformed_argument_is_refused(
    db: Session, argument: str, told: dict[str, object]
) -> None:
    run_id = db.new_run()
    with db.refused("WF400", argument=argument):
        _send(db, run_id, "custom", **{"body": b"x", **told})


@pytest.mark.parametrize("run_id", ["", "a\nb", "x" * 256])
def test_a_malformed_run_id_is_refused(db: Session, run_id: str) -> None:
    with db.refused("WF400", argument="run id"):
        _send(db, run_id, "start", queue_name=QUEUE, body=b"x")


def test_a_message_needs_a_kind(db: Session) -> None:
    run_id = db.new_run()
    with db.refused("WF400"):
        _send(db, run_id, None, body=b"x")


def test_a_body_has_a_limit(db: Session) -> None:
    run_id = db.new_run()
    limit = 16 * 1024 * 1024 + 64 * 1024
    with db.refused("WF413", bytes=limit + 1, limit=limit):
        _send(db, run_id, "custom", body=b"x" * (limit + 1))
