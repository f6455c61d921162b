"""A run is started once, and created first when the start carries all it needs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import Session, connect, new_run_id

CONTEXT = {"queueNamespace": "team1", "traceCarrier": {"a": "b"}}
FACTS: dict[str, Any] = {
    "workflowName": "w",
    "deploymentId": "blue",
    "executionContext": CONTEXT,
    "encryptionPublicKey": "key",
}


def test_a_start_with_the_input_creates_the_run_first(db: Session) -> None:
    run_id = new_run_id()
    reply = db.append(
        run_id, "run_started", facts=FACTS, payload=b"in", codec="cbor", spec_version=5
    )
    created, started = db.log(run_id)
    assert (created["seq"], created["event_type"]) == (1, "run_created")
    assert (created["payload"], created["codec"]) == (b"in", "cbor")
    assert created["facts"] == FACTS
    assert (started["seq"], started["event_type"]) == (2, "run_started")
    assert (started["payload"], started["facts"]) == (None, None)
    assert {created["spec_version"], started["spec_version"]} == {5}
    assert (reply["seq"], reply["event_type"], reply["run_status"]) == (
        2,
        "run_started",
        "running",
    )
    (run,) = db.call("get_run", run_id=run_id)
    assert (run["deployment_id"], run["spec_version"]) == ("blue", 5)
    assert run["queue_name"] == "__team1_wkf_workflow_w"
    assert run["execution_context"] == CONTEXT
    assert run["encryption_public_key"] == "key"
    assert run["input"] == b"in"
    assert [m["kind"] for m in db.messages(run_id)] == ["wake"]


@pytest.mark.parametrize("missing", ["workflowName", "deploymentId", "payload"])
def test_a_start_without_all_of_it_finds_no_run(db: Session, missing: str) -> None:
    facts = {name: value for name, value in FACTS.items() if name != missing}
    payload = None if missing == "payload" else b"in"
    run_id = new_run_id()
    with db.refused("WF404", entity="run", id=run_id, event="run_started"):
        db.append(run_id, "run_started", facts=facts, payload=payload)


def test_an_empty_input_is_an_input(db: Session) -> None:
    run_id = new_run_id()
    db.append(run_id, "run_started", facts=FACTS, payload=b"")
    assert db.types(run_id) == ["run_created", "run_started"]


def test_what_a_start_carries_is_ignored_when_the_run_is_there(db: Session) -> None:
    run_id = db.new_run("pending")
    db.append(run_id, "run_started", facts=FACTS, payload=b"another")
    (run,) = db.call("get_run", run_id=run_id)
    assert (run["input"], run["deployment_id"]) == (b"in", "default")
    started = db.log(run_id)[-1]
    assert (started["payload"], started["facts"]) == (None, None)


def test_a_running_run_is_returned_with_its_input(db: Session) -> None:
    run_id = db.new_run("pending")
    (first,) = db.call("start_run", run_id=run_id)
    assert (first["status"], first["seq"], first["input"]) == ("running", 2, b"in")
    with db.nothing_written():
        (again,) = db.call("start_run", run_id=run_id)
    assert again == {**first, "seq": None}


def test_the_time_of_the_start_is_set_once_in_milliseconds(db: Session) -> None:
    run_id = db.new_run("pending")
    db.append(run_id, "run_started")
    (run,) = db.call("get_run", run_id=run_id)
    assert run["started_at"].microsecond % 1000 == 0
    assert run["started_at"] == db.log(run_id)[1]["created_at"]
    db.set_clock(timedelta(hours=1))
    db.append(run_id, "run_started")
    db.append(run_id, "run_completed")
    (later,) = db.call("get_run", run_id=run_id)
    assert later["started_at"] == run["started_at"]


def test_the_time_of_the_start_is_one_moment_in_every_zone(db: Session) -> None:
    run_id = db.new_run()
    moments: set[float] = set()
    for zone in ("UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia"):
        with connect(db.dsn) as reader:
            reader.do("select set_config('timezone', %s, false)", zone)
            (run,) = reader.call("get_run", run_id=run_id)
            moments.add(run["started_at"].timestamp())
    assert len(moments) == 1


def test_a_second_cancellation_writes_nothing(db: Session) -> None:
    run_id = db.new_run("cancelled")
    with db.nothing_written():
        reply = db.append(run_id, "run_cancelled", facts={"cancelReason": "again"})
    assert (reply["seq"], reply["run_status"]) == (None, "cancelled")


def test_a_failed_run_keeps_its_error_and_code(db: Session) -> None:
    run_id = db.new_run()
    db.append(run_id, "run_failed", facts={"errorCode": "USER_ERROR"}, payload=b"why")
    (run,) = db.call("get_run", run_id=run_id)
    assert (run["error"], run["error_code"]) == (b"why", "USER_ERROR")
    assert (run["output"], run["status"]) == (None, "failed")


def test_a_completed_run_has_its_output_and_no_error(db: Session) -> None:
    run_id = db.new_run()
    db.append(run_id, "run_completed", payload=b"out")
    (run,) = db.call("get_run", run_id=run_id)
    assert (run["output"], run["error"], run["error_codec"]) == (b"out", None, None)
    assert run["completed_at"] == db.log(run_id)[-1]["created_at"]
