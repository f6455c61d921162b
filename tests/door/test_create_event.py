"""`json_create_event`: every type of event, in the shapes of the protocol."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.door.wire import TIME, Json, create, door, new_run, tagged
from tests.support import LATER, STEP, WORKFLOW, Session, new_run_id

_CREATED: Json = {
    "deploymentId": "ts",
    "workflowName": WORKFLOW,
    "input": tagged(b"in"),
    "executionContext": {"workflowCoreVersion": "5.0.0", "traceCarrier": None},
}


def _first(number: int) -> str:
    return f"evnt_{number:026d}"


def _timeless(value: Json) -> Json:
    """The value without its times, which have to look like times."""
    times = {name for name in value if name.endswith("At")}
    assert all(re.fullmatch(TIME, value[name]) for name in times), value
    return {name: value[name] for name in value if name not in times}


def test_run_created(db: Session) -> None:
    run_id = new_run_id()
    result = create(db, run_id, "run_created", data=_CREATED, specVersion=6)
    assert set(result) == {"event", "run"}
    assert _timeless(result["event"]) == {
        "runId": run_id,
        "eventId": _first(1),
        "eventType": "run_created",
        "specVersion": 6,
        "eventData": _CREATED,
    }
    assert _timeless(result["run"]) == {
        "runId": run_id,
        "status": "pending",
        "specVersion": 6,
        "attributes": {},
        **_CREATED,
    }
    assert set(result["run"]) >= {"createdAt", "updatedAt"}
    assert "startedAt" not in result["run"]


def test_run_created_without_an_id_draws_one(db: Session) -> None:
    result = create(db, None, "run_created", data=_CREATED)
    assert result["run"]["runId"].startswith("wrun_")


def test_run_created_with_all_it_can_carry(db: Session) -> None:
    data = _CREATED | {
        "attributes": {"$rootRunId": "r", "__proto__": "p"},
        "allowReservedAttributes": True,
        "encryptionPublicKey": "a2V5",
    }
    result = create(db, new_run_id(), "run_created", data=data)
    assert result["event"]["eventData"] == data
    assert result["run"]["attributes"] == data["attributes"]
    assert result["run"]["encryptionPublicKey"] == "a2V5"


def test_run_started(db: Session) -> None:
    run_id = new_run_id()
    create(db, run_id, "run_created", data=_CREATED)
    result = create(db, run_id, "run_started")
    assert result["event"]["eventType"] == "run_started"
    assert "eventData" not in result["event"]
    assert result["run"]["status"] == "running"
    assert re.fullmatch(TIME, result["run"]["startedAt"])
    assert result["run"]["input"] == tagged(b"in")
    assert [e["eventType"] for e in result["events"]] == ["run_created", "run_started"]
    assert (result["cursor"], result["hasMore"]) == (_first(2), False)


def test_run_started_on_a_running_run_has_no_event(db: Session) -> None:
    run_id = new_run(db)
    with db.nothing_written():
        again = create(db, run_id, "run_started", params={"skipPreload": True})
    assert set(again) == {"run"}
    assert again["run"]["status"] == "running"


def test_run_started_creates_the_run_it_carries(db: Session) -> None:
    run_id = new_run_id()
    result = create(db, run_id, "run_started", data=_CREATED, specVersion=6)
    assert [e["eventType"] for e in result["events"]] == ["run_created", "run_started"]
    assert result["events"][0]["eventData"] == _CREATED
    assert "eventData" not in result["event"]
    assert result["run"]["specVersion"] == 6
    with db.refused("WF409"):
        create(db, run_id, "run_created", data=_CREATED)


@pytest.mark.parametrize("output", [tagged(b"out"), tagged(b""), None])
def test_run_completed(db: Session, output: Json | None) -> None:
    run_id = new_run(db)
    data = {} if output is None else {"output": output}
    result = create(db, run_id, "run_completed", data=data)
    assert result["event"]["eventData"] == data
    assert result["run"]["status"] == "completed"
    assert re.fullmatch(TIME, result["run"]["completedAt"])
    assert result["run"].get("output") == output
    with db.refused("WF410"):
        create(db, run_id, "run_started")


def test_run_failed_with_the_bytes_of_5x(db: Session) -> None:
    run_id = new_run(db)
    data = {"error": tagged(b"boom"), "errorCode": "USER_ERROR"}
    result = create(db, run_id, "run_failed", data=data)
    assert result["event"]["eventData"] == data
    assert result["run"]["error"] == tagged(b"boom")
    assert result["run"]["errorCode"] == "USER_ERROR"


@pytest.mark.parametrize(
    ("error", "message", "stack"),
    [
        ("boom", "boom", None),
        ({"message": "boom", "stack": "at x", "name": "E"}, "boom", "at x"),
        ({"reason": 1}, "Unknown error", None),
        (7, "Unknown error", None),
        (["a"], "Unknown error", None),
    ],
)
def test_run_failed_with_the_errors_of_4x(
    db: Session, error: Any, message: str, stack: str | None
) -> None:
    run_id = new_run(db, specVersion=3)
    data = {"error": error, "errorCode": "USER_ERROR"}
    result = create(db, run_id, "run_failed", data=data, specVersion=3)
    expected = {"message": message, "stack": stack, "code": "USER_ERROR"}
    if stack is None:
        del expected["stack"]
    assert result["event"]["eventData"] == data
    assert result["run"]["error"] == expected
    # 4.x takes it for no payload.
    metadata = door(db, "json_get_run", run_id, {"resolveData": "none"})
    assert metadata["error"] == expected


@pytest.mark.parametrize("event_type", ["step_failed", "step_retrying"])
@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("boom", "boom"),
        ({"message": "boom", "name": "E"}, "boom"),
        (7, "Unknown error"),
    ],
)
def test_the_stack_of_a_step_of_4x_is_beside_its_error(
    db: Session, event_type: str, error: Any, message: str
) -> None:
    run_id = new_run(db, specVersion=3)
    db.new_step(run_id, "step_1", "running")
    data = {"error": error, "stack": "at x"}
    result = create(db, run_id, event_type, "step_1", data)
    assert result["event"]["eventData"] == data
    assert result["step"]["error"] == {"message": message, "stack": "at x"}


def test_run_cancelled(db: Session) -> None:
    run_id = new_run(db)
    result = create(db, run_id, "run_cancelled", data={"cancelReason": "twice"})
    assert result["event"]["eventData"] == {"cancelReason": "twice"}
    assert result["run"]["status"] == "cancelled"
    with db.nothing_written():
        again = create(db, run_id, "run_cancelled")
    assert set(again) == {"run"}


def test_attr_set_keeps_the_null_that_deletes(db: Session) -> None:
    run_id = new_run(db)
    data = {
        "changes": [{"key": "a", "value": "1"}, {"key": "b", "value": None}],
        "writer": {"type": "workflow"},
    }
    result = create(db, run_id, "attr_set", "attr_1", data)
    assert result["event"]["eventData"] == data
    assert result["run"]["attributes"] == {"a": "1"}
    writer = {"type": "step", "stepId": "step_1", "attempt": 1}
    db.new_step(run_id, "step_1", "running")
    result = create(db, run_id, "attr_set", None, data | {"writer": writer})
    assert result["event"]["eventData"]["writer"] == writer


def test_the_life_of_a_step(db: Session) -> None:
    run_id = new_run(db)
    data = {"stepName": STEP, "input": tagged(b"args"), "workflowName": WORKFLOW}
    created = create(db, run_id, "step_created", "step_1", data)
    assert created["event"]["eventData"] == {
        "stepName": STEP,
        "input": tagged(b"args"),
    }
    assert _timeless(created["step"]) == {
        "runId": run_id,
        "stepId": "step_1",
        "stepName": STEP,
        "status": "pending",
        "attempt": 0,
        "specVersion": 7,
        "input": tagged(b"args"),
    }
    started = create(db, run_id, "step_started", "step_1", {"stepName": STEP})
    assert started["event"]["eventData"] == {"attempt": 1}
    assert started["step"]["attempt"] == 1
    assert started["step"]["input"] == tagged(b"args")
    assert re.fullmatch(TIME, started["step"]["startedAt"])
    assert "stepCreated" not in started

    data = {"error": tagged(b"flaky"), "retryAfter": "2999-01-01T02:00:00.5+02:00"}
    retrying = create(db, run_id, "step_retrying", "step_1", data)
    assert retrying["step"]["status"] == "pending"
    assert retrying["step"]["retryAfter"] == "2999-01-01T00:00:00.500Z"
    assert retrying["step"]["error"] == tagged(b"flaky")
    with db.refused("WF425"):
        create(db, run_id, "step_started", "step_1")

    data = {"result": tagged(b"done"), "ttfs": 3, "optimizations": ["x"]}
    completed = create(db, run_id, "step_completed", "step_1", data)
    assert completed["event"]["eventData"] == {"result": tagged(b"done")}
    assert completed["step"]["status"] == "completed"
    assert completed["step"]["output"] == tagged(b"done")
    assert "retryAfter" not in completed["step"]


def test_step_failed_with_the_bytes_of_5x(db: Session) -> None:
    run_id = new_run(db)
    db.new_step(run_id, "step_1", "running")
    data = {"error": tagged(b"boom")}
    result = create(db, run_id, "step_failed", "step_1", data)
    assert result["event"]["eventData"] == data
    assert result["step"]["error"] == tagged(b"boom")


def test_the_life_of_a_hook(db: Session) -> None:
    run_id = new_run(db)
    data = {"token": "tok", "isWebhook": False, "metadata": tagged(b"meta")}
    created = create(db, run_id, "hook_created", "hook_1", data)
    assert created["event"]["eventData"] == data | {"isSystem": False}
    assert _timeless(created["hook"]) == {
        "runId": run_id,
        "hookId": "hook_1",
        "token": "tok",
        "ownerId": "",
        "projectId": "",
        "environment": "",
        "isWebhook": False,
        "isSystem": False,
        "specVersion": 7,
        "metadata": tagged(b"meta"),
    }
    received = create(
        db, run_id, "hook_received", "hook_1", {"payload": tagged(b"p"), "token": "tok"}
    )
    assert received["event"]["eventData"] == {"payload": tagged(b"p")}
    assert received["hook"]["hookId"] == "hook_1"
    disposed = create(db, run_id, "hook_disposed", "hook_1", {"token": "tok"})
    assert set(disposed) == {"event"}
    assert "eventData" not in disposed["event"]


def test_a_hook_conflict_is_a_result(db: Session) -> None:
    holder, rival = new_run(db), new_run(db)
    create(db, holder, "hook_created", "hook_1", {"token": "tok"})
    result = create(db, rival, "hook_created", "hook_1", {"token": "tok"})
    assert set(result) == {"event"}
    assert result["event"]["eventType"] == "hook_conflict"
    assert result["event"]["eventData"] == {"token": "tok", "conflictingRunId": holder}
    with db.refused("WF409"):
        create(db, holder, "hook_created", "hook_1", {"token": "tok"})


def test_a_hook_is_a_webhook_unless_it_says_no(db: Session) -> None:
    result = create(db, new_run(db), "hook_created", "hook_1", {"token": "tok"})
    assert result["hook"]["isWebhook"] is True


@pytest.mark.parametrize("resume_at", [LATER, 32472144000000])
def test_the_life_of_a_wait(db: Session, resume_at: Any) -> None:
    run_id = new_run(db)
    created = create(db, run_id, "wait_created", "wait_1", {"resumeAt": resume_at})
    assert created["event"]["eventData"] == {"resumeAt": "2999-01-01T00:00:00.000000Z"}
    assert _timeless(created["wait"]) == {
        "waitId": f"{run_id}-wait_1",
        "runId": run_id,
        "status": "waiting",
        "specVersion": 7,
    }
    assert created["wait"]["resumeAt"] == "2999-01-01T00:00:00.000Z"
    completed = create(db, run_id, "wait_completed", "wait_1")
    assert "eventData" not in completed["event"]
    assert completed["wait"]["status"] == "completed"
    assert re.fullmatch(TIME, completed["wait"]["completedAt"])


def test_none_of_the_payloads(db: Session) -> None:
    run_id = new_run(db)
    none = {"resolveData": "none"}
    data = {"stepName": STEP, "input": tagged(b"args")}
    created = create(db, run_id, "step_created", "step_1", data, none)
    assert created["event"]["eventData"] == {"stepName": STEP}
    assert "input" not in created["step"]
    done = {"result": tagged(b"done")}
    completed = create(db, run_id, "step_completed", "step_1", done, none)
    assert "eventData" not in completed["event"]
    assert "output" not in completed["step"]


def test_no_echo_but_of_what_is_needed_to_start(db: Session) -> None:
    run_id = new_run(db)
    quiet = {"echo": False}
    data = {"stepName": STEP, "input": tagged(b"args")}
    created = create(db, run_id, "step_created", "step_1", data, quiet)
    assert "input" not in created["step"]
    assert created["event"]["eventData"] == {"stepName": STEP}
    started = create(db, run_id, "step_started", "step_1", None, quiet)
    assert started["step"]["input"] == tagged(b"args")


def test_a_dedup_key_gets_the_first_event_again(db: Session) -> None:
    run_id = new_run(db)
    db.new_step(run_id, "step_1", "running")
    data = {"result": tagged(b"done")}
    key = {"dedupKey": "k"}
    first = create(db, run_id, "step_completed", "step_1", data, key)
    with db.nothing_written():
        assert create(db, run_id, "step_completed", "step_1", data, key) == first


def test_the_caller_may_wake_the_run_itself(db: Session) -> None:
    run_id = new_run(db)
    db.new_step(run_id, "step_1", "running")
    db.quiet(run_id)
    create(db, run_id, "step_completed", "step_1", {}, {"wake": False})
    assert db.messages(run_id) == []
    db.new_step(run_id, "step_2", "running")
    create(db, run_id, "step_completed", "step_2", {})
    assert [m["kind"] for m in db.messages(run_id)] == ["wake"]


def test_a_payload_may_travel_beside_its_event(db: Session) -> None:
    run_id = new_run(db)
    db.new_step(run_id, "step_1", "running")
    result = create(db, run_id, "step_completed", "step_1", payload=b"\0raw")
    assert result["step"]["output"] == tagged(b"\0raw")
    with db.refused("WF400", argument="payload"):
        create(db, run_id, "run_completed", data={"output": 1}, payload=b"raw")
