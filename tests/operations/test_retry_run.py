"""A run that is over is done again, in a new run that says where it comes from."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.support import SET_BY_API, WORKFLOW, Row, Session, new_run_id

_FACTS: dict[str, Any] = {
    "workflowName": WORKFLOW,
    "deploymentId": "blue",
    "executionContext": {"queueNamespace": "eu", "deep": [1]},
}


def _retry(db: Session, run_id: str | None, **told: object) -> str:
    (reply,) = db.call("retry_run", run_id=run_id, **told)
    assert (reply["event_type"], reply["seq"]) == ("run_created", 1)
    return reply["run_id"]


def _get(db: Session, run_id: str) -> Row:
    (run,) = db.call("get_run", run_id=run_id)
    return run


def _buried(db: Session, run_id: str) -> str:
    """The id of a message that came before its run, and was given up."""
    told = {"queue_name": f"__wkf_workflow_{WORKFLOW}", "body": b"x"}
    db.call("send_message", run_id=run_id, kind="custom", message_id="msg_1", **told)
    (held,) = db.claim()
    names = ("run_id", "message_id", "lease_token")
    db.call("bury_message", error="why", **{name: held[name] for name in names})
    return held["message_id"]


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_the_new_run_has_what_the_old_one_had(db: Session, status: str) -> None:
    payload = b'["A17"]'
    old = db.new_run(
        status, facts=_FACTS, payload=payload, codec="json", spec_version=5
    )

    new = _retry(db, old)

    assert new != old
    kept = (
        *("workflow_name", "deployment_id", "queue_name", "spec_version"),
        *("execution_context", "input", "input_codec"),
    )
    before, after = _get(db, old), _get(db, new)
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert (after["status"], after["started_at"]) == ("pending", None)
    (created,) = db.log(new)
    assert created["facts"] == {**_FACTS, "retryOf": old}
    assert [message["kind"] for message in db.messages(new)] == ["wake"]


def test_the_new_run_begins_with_the_attributes_of_the_old_one(db: Session) -> None:
    first = {"tenant": "t1", "$rootRunId": "wrun_1"}
    facts = _FACTS | {"attributes": first, "allowReservedAttributes": True}
    old = db.new_run("running", facts=facts)
    db.append(old, "attr_set", facts=SET_BY_API)
    db.append(old, "run_failed")
    assert _get(db, old)["attributes"] == first | {"colour": "blue"}
    # What a body has set, it sets again.
    assert _get(db, _retry(db, old))["attributes"] == first


def test_the_old_run_stays_as_it_is_and_says_who_followed(db: Session) -> None:
    old = db.new_run("failed", payload=b"in")
    before, log = _get(db, old), db.log(old)
    new = _retry(db, old)
    assert (_get(db, old), db.log(old)) == (before, log)
    (reason,) = db.call("why", run_id=old)
    assert reason["sentence"] == f"the run is failed; it was retried as {new}"


def test_another_deployment_may_do_the_work(db: Session) -> None:
    old = db.new_run("failed")
    new = _retry(db, old, deployment_id="green")
    assert _get(db, new)["deployment_id"] == "green"
    assert db.log(new)[0]["facts"]["deploymentId"] == "green"
    assert db.messages(new)[0]["deployment_id"] == "green"


def test_a_retry_is_retried_in_its_turn(db: Session) -> None:
    old = db.new_run("failed")
    new = _retry(db, old)
    db.append(new, "run_failed")
    newest = _retry(db, new)
    assert db.log(newest)[0]["facts"]["retryOf"] == new


@pytest.mark.parametrize("status", ["pending", "running"])
def test_a_live_run_is_not_retried(db: Session, status: str) -> None:
    run_id = db.new_run(status)
    with db.refused("WF409", run_id=run_id, status=status):
        _retry(db, run_id, anyway=True)


def test_a_completed_run_is_retried_only_anyway(db: Session) -> None:
    run_id = db.new_run("completed")
    with db.refused("WF409", status="completed"):
        _retry(db, run_id)
    _retry(db, run_id, anyway=True)


def test_a_run_whose_input_is_encrypted_under_its_id_is_not_retried(
    db: Session,
) -> None:
    old = db.new_run("failed", facts={**_FACTS, "encryptionPublicKey": "key"})
    with db.refused("WF409", run_id=old, status="failed"):
        _retry(db, old, anyway=True)


def test_a_second_retry_is_made_only_anyway(db: Session) -> None:
    old = db.new_run("cancelled")
    first = _retry(db, old)
    with db.refused("WF409", status="cancelled", retried_as=first):
        _retry(db, old)
    second = _retry(db, old, anyway=True)
    assert second != first
    with db.refused("WF409", retried_as=second):
        _retry(db, old)


@pytest.mark.parametrize("run_id", [None, "wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV"])
def test_a_run_that_is_not_there_is_not_retried(
    db: Session, run_id: str | None
) -> None:
    with db.refused("WF404", entity="run", id=run_id):
        _retry(db, run_id)


@pytest.mark.parametrize(("exists", "code"), [(False, "WF404"), (True, "WF409")])
def test_a_message_that_was_given_up_is_pointed_to(
    db: Session, code: str, *, exists: bool
) -> None:
    run_id = new_run_id()
    message_id = _buried(db, run_id)
    if exists:
        db.new_run(run_id=run_id)
    with db.nothing_written(), pytest.raises(psycopg.Error) as caught:
        _retry(db, run_id)
    assert caught.value.sqlstate == code
    hint = str(caught.value.diag.message_hint)
    assert hint.startswith(f"Its message {message_id} was given up: requeue that")


def test_a_repeat_with_its_key_returns_the_first_reply(db: Session) -> None:
    old, new = db.new_run("failed"), new_run_id()
    told = {"new_run_id": new, "dedup_key": "k"}
    (first,) = db.call("retry_run", run_id=old, **told)
    with db.nothing_written():
        assert db.call("retry_run", run_id=old, **told) == [first]
    with db.refused("WF409", entity="dedup_key"):
        _retry(db, old, deployment_id="green", **told)


@pytest.mark.parametrize("deployment_id", [None, "green"])
def test_a_repeat_after_the_old_run_was_deleted_returns_the_first_reply(
    db: Session, deployment_id: str | None
) -> None:
    old, new = db.new_run("failed", facts=_FACTS), new_run_id()
    told = {"new_run_id": new, "deployment_id": deployment_id, "dedup_key": "k"}
    (first,) = db.call("retry_run", run_id=old, **told)
    db.call("delete_run", run_id=old)
    with db.nothing_written():
        assert db.call("retry_run", run_id=old, **told) == [first]
    with db.refused("WF409", entity="dedup_key"):
        _retry(db, old, **(told | {"deployment_id": "red"}))
    with db.refused("WF404", entity="run", id=old):
        _retry(db, old, **(told | {"dedup_key": "another"}))


def test_the_id_of_the_new_run_may_be_drawn_by_the_caller(db: Session) -> None:
    old, new = db.new_run("failed"), new_run_id()
    assert _retry(db, old, new_run_id=new) == new
    with db.refused("WF409", run_id=new, status="pending"):
        _retry(db, old, new_run_id=new, anyway=True)


@pytest.mark.parametrize(
    ("told", "argument"),
    [
        ({"new_run_id": "wrun_1"}, "run id"),
        ({"new_run_id": "wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV"}, "run id"),
        ({"deployment_id": ""}, "deployment id"),
        ({"deployment_id": "x" * 256}, "deployment id"),
        ({"dedup_key": ""}, "dedup key"),
    ],
    ids=str,
)
def test_a_malformed_argument_is_refused(
    db: Session, told: dict[str, Any], argument: str
) -> None:
    old = db.new_run("failed")
    with db.refused("WF400", argument=argument):
        _retry(db, old, **told)
