"""At most one live hook holds a token; a conflict is an event, not an error."""

from __future__ import annotations

import pytest

from tests.support import Session

TOKEN = {"token": "order 4711"}


def _held(db: Session) -> str:
    """A run whose hook_1 holds the token."""
    run_id = db.new_run()
    db.append(run_id, "hook_created", "hook_1", facts=TOKEN, payload=b"metadata")
    return run_id


def test_a_token_held_by_another_run_gives_a_conflict(db: Session) -> None:
    holder, other = _held(db), db.new_run()
    reply = db.append(other, "hook_created", "hook_9", facts=TOKEN, payload=b"secret")
    event = db.log(other)[-1]
    assert reply == {
        "run_id": other,
        "seq": 3,
        "event_type": "hook_conflict",
        "correlation_id": "hook_9",
        "created_at": event["created_at"],
        "run_status": "running",
        "attempt": None,
        "conflicting_run_id": holder,
    }
    assert event["facts"] == {"token": "order 4711", "conflictingRunId": holder}
    assert event["payload"] is None
    (hook,) = db.rows("select * from workflow_pg.hooks where run_id = %s", other)
    assert (hook["status"], hook["created_seq"]) == ("conflict", 3)


def test_a_token_held_by_another_hook_of_the_run_gives_a_conflict(db: Session) -> None:
    run_id = _held(db)
    reply = db.append(run_id, "hook_created", "hook_2", facts=TOKEN)
    assert (reply["event_type"], reply["conflicting_run_id"]) == (
        "hook_conflict",
        run_id,
    )


def test_a_hook_does_not_conflict_with_itself(db: Session) -> None:
    run_id = _held(db)
    with db.refused("WF409", entity="hook", id="hook_1", status="live"):
        db.append(run_id, "hook_created", "hook_1", facts=TOKEN, payload=b"other")
    (hook,) = db.call("get_hook", run_id=run_id, hook_id="hook_1")
    assert hook["metadata"] == b"metadata"


def test_a_hook_id_is_not_used_again_with_another_token(db: Session) -> None:
    run_id = _held(db)
    with db.refused("WF409", entity="hook", id="hook_1"):
        db.append(run_id, "hook_created", "hook_1", facts={"token": "another"})
    with db.refused("WF404", token="another"):
        db.call("get_hook_by_token", token="another")


def test_a_conflict_is_not_tried_again_under_its_id(db: Session) -> None:
    holder, other = _held(db), db.new_run()
    db.append(other, "hook_created", "hook_1", facts=TOKEN)
    db.append(holder, "hook_disposed", "hook_1")
    with db.refused("WF409", entity="hook", id="hook_1", status="conflict"):
        db.append(other, "hook_created", "hook_1", facts=TOKEN)
    with db.refused("WF404"):
        db.call("get_hook_by_token", token="order 4711")


@pytest.mark.parametrize(
    ("release", "hook_id"),
    [
        ("hook_disposed", "hook_1"),
        ("run_completed", None),
        ("run_failed", None),
        ("run_cancelled", None),
    ],
)
def test_a_token_that_was_given_up_is_free_at_once(
    db: Session, release: str, hook_id: str | None
) -> None:
    holder, other = _held(db), db.new_run()
    db.append(other, "hook_created", "hook_1", facts={"token": "left alone"})
    db.append(holder, release, hook_id)
    with db.refused("WF404", token="order 4711"):
        db.call("get_hook_by_token", token="order 4711")

    reply = db.append(other, "hook_created", "hook_2", facts=TOKEN)

    assert reply["event_type"] == "hook_created"
    (hook,) = db.call("get_hook_by_token", token="order 4711")
    assert (hook["run_id"], hook["hook_id"]) == (other, "hook_2")
    (hook,) = db.call("get_hook_by_token", token="left alone")
    assert hook["hook_id"] == "hook_1"


def test_the_end_of_the_loser_leaves_the_token_with_its_holder(db: Session) -> None:
    holder, other = _held(db), db.new_run()
    db.append(other, "hook_created", "hook_1", facts=TOKEN)
    db.append(other, "run_completed")
    (hook,) = db.call("get_hook_by_token", token="order 4711")
    assert hook["run_id"] == holder


def test_a_hook_receives_many_times(db: Session) -> None:
    run_id = _held(db)
    for payload in (b"1", b"2", b"2"):
        db.append(run_id, "hook_received", "hook_1", payload=payload)
    assert [event["payload"] for event in db.log(run_id)[-3:]] == [b"1", b"2", b"2"]


@pytest.mark.parametrize(
    ("facts", "is_webhook", "is_system"),
    [
        ({}, True, False),
        ({"isWebhook": True}, True, False),
        ({"isWebhook": False}, False, False),
        ({"isWebhook": None}, True, False),
        ({"isSystem": True}, True, True),
    ],
)
def test_a_hook_that_does_not_say_is_a_webhook_and_not_of_the_system(
    db: Session, *, facts: dict[str, bool], is_webhook: bool, is_system: bool
) -> None:
    run_id = db.new_run()
    db.append(run_id, "hook_created", "hook_1", facts={**TOKEN, **facts})
    (hook,) = db.call("get_hook", run_id=run_id, hook_id="hook_1")
    assert (hook["is_webhook"], hook["is_system"]) == (is_webhook, is_system)
