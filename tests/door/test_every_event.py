"""What holds for every type of event at the JSON door, asked of each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.door.wire import Json, create, door, new_run, tagged
from tests.support import LATER, SETS, STEP, WORKFLOW, Session, new_run_id

NONE = {"resolveData": "none"}
BYTES = tagged(b"\0")
CREATION: Json = {"deploymentId": "ts", "workflowName": WORKFLOW, "input": BYTES}

# Per type: what comes before it in its run, its id, its data, and what is no payload.
CASES: dict[str, tuple[list[tuple[str, Json | None]], str | None, Json, Json]] = {
    "run_completed": ([], None, {"output": BYTES}, {}),
    "run_failed": (
        *([], None, {"error": BYTES, "errorCode": "USER_ERROR"}),
        {"errorCode": "USER_ERROR"},
    ),
    "run_cancelled": ([], None, {"cancelReason": "why"}, {"cancelReason": "why"}),
    "attr_set": ([], "id", SETS, SETS),
    "step_created": ([], "id", {"stepName": STEP, "input": BYTES}, {"stepName": STEP}),
    "step_started": ([("step_created", {"stepName": STEP})], "id", {}, {"attempt": 1}),
    "step_retrying": (
        [("step_created", {"stepName": STEP}), ("step_started", None)],
        *("id", {"error": BYTES, "retryAfter": LATER}),
        {"retryAfter": "2999-01-01T00:00:00.000000Z"},
    ),
    "step_completed": (
        [("step_created", {"stepName": STEP})],
        "id",
        {"result": BYTES},
        {},
    ),
    "step_failed": ([("step_created", {"stepName": STEP})], "id", {"error": BYTES}, {}),
    "hook_created": (
        *([], "id", {"token": "t", "metadata": BYTES}),
        {"token": "t", "isWebhook": True, "isSystem": False},
    ),
    "hook_received": ([("hook_created", {"token": "t"})], "id", {"payload": BYTES}, {}),
    "hook_disposed": ([("hook_created", {"token": "t"})], "id", {}, {}),
    "wait_created": (
        *([], "id", {"resumeAt": LATER}),
        {"resumeAt": "2999-01-01T00:00:00.000000Z"},
    ),
    "wait_completed": ([("wait_created", {"resumeAt": LATER})], "id", {}, {}),
}


def _before(db: Session, event: str) -> tuple[str, str | None, Json, Json]:
    """A run in which the event may follow, its id, its data, and its metadata."""
    past, correlation_id, data, kept = CASES[event]
    run_id = new_run(db)
    for earlier, told in past:
        create(db, run_id, earlier, correlation_id, told)
    return run_id, correlation_id, data, kept


def _listed(db: Session, run_id: str, params: Json | None = None) -> Json:
    page = {"limit": 1, "sortOrder": "desc"}
    told = {"runId": run_id, "pagination": page, **(params or {})}
    (event,) = door(db, "json_list_events", told)["data"]
    return event


@pytest.mark.parametrize("event", CASES)
def test_without_payloads_an_event_lacks_its_payload_alone(
    db: Session, event: str
) -> None:
    run_id, correlation_id, data, kept = _before(db, event)
    reply = create(db, run_id, event, correlation_id, data, NONE)
    bare, whole = _listed(db, run_id, NONE), _listed(db, run_id)
    assert reply["event"] == bare
    assert bare.get("eventData", {}) == kept
    payloads = {name: value for name, value in data.items() if value == BYTES}
    assert whole.get("eventData", {}) == {**kept, **payloads}
    assert {**whole, "eventData": None} == {**bare, "eventData": None}
    if not kept:
        assert "eventData" not in bare
    for entity in ("run", "step", "hook"):
        assert not set(reply.get(entity, {})) & {"input", "output", "metadata"}


def test_without_payloads_a_creation_lacks_its_input_alone(db: Session) -> None:
    run_id = new_run_id()
    kept = {name: value for name, value in CREATION.items() if name != "input"}
    reply = create(db, run_id, "run_created", data=CREATION, params=NONE)
    assert reply["event"]["eventData"] == kept
    assert reply["event"] == _listed(db, run_id, NONE)
    started = create(db, new_run_id(), "run_started", data=CREATION, params=NONE)
    created, start = started["events"]
    assert (created["eventData"], "eventData" in start) == (kept, False)
    assert "input" not in started["run"]


@pytest.mark.parametrize("event", CASES)
def test_what_we_do_not_know_is_ignored(db: Session, event: str) -> None:
    run_id, correlation_id, data, _ = _before(db, event)
    known = _listed(db, run_id)
    params: Json = {
        "v1Compat": True,
        "requestId": "req_1",
        # Long ago: who writes from an old copy of the log is not refused for it.
        "stateUpdatedAt": 0,
        "occurredAt": "2001-01-01T00:00:00Z",
        "viaStepDispatch": True,
        "computeInstanceId": "i",
        "__proto__": {"resolveData": "none"},
    }
    numbers = {"ttfs": 1, "stso": 2, "optimizations": ["a"], "__proto__": 1}
    create(db, run_id, event, correlation_id, {**data, **numbers}, params)
    stored = _listed(db, run_id)
    assert stored["eventType"] == event
    assert not set(numbers) & set(stored.get("eventData", {}))
    assert stored["createdAt"] >= known["createdAt"]


def test_a_start_that_carries_attributes_and_a_key_keeps_both(db: Session) -> None:
    run_id = new_run_id()
    carried: Json = {
        **CREATION,
        "attributes": {"tenant": "t1", "$rootRunId": "r"},
        "allowReservedAttributes": True,
        "encryptionPublicKey": "a2V5",
    }
    reply = create(db, run_id, "run_started", data=carried, specVersion=5)
    created, started = reply["events"]
    assert created["eventData"] == carried
    assert (created["specVersion"], started["specVersion"]) == (5, 5)
    run = door(db, "json_get_run", run_id)
    assert run["attributes"] == carried["attributes"]
    assert (run["encryptionPublicKey"], run["specVersion"]) == ("a2V5", 5)


def test_a_start_with_attributes_over_a_limit_creates_nothing(db: Session) -> None:
    for attributes in ({"$rootRunId": "r"}, {"k": "v" * 257}):
        with db.refused("WF422"):
            create(
                db,
                new_run_id(),
                "run_started",
                data={**CREATION, "attributes": attributes},
            )


@pytest.mark.parametrize("name", ["workflowName", "deploymentId"])
def test_a_run_without_a_name_is_refused(db: Session, name: str) -> None:
    with db.refused("WF400"):
        create(db, new_run_id(), "run_created", data={**CREATION, name: ""})


@pytest.mark.parametrize(
    ("event", "correlation_id", "data"),
    [
        ("step_created", "", {"stepName": STEP}),
        ("step_created", "id", {"stepName": ""}),
        ("hook_created", "", {"token": "t"}),
        ("hook_created", "id", {"token": ""}),
        ("wait_created", "", {"resumeAt": LATER}),
        ("wait_created", "id", {"resumeAt": ""}),
    ],
)
def test_an_entity_without_a_name_is_refused(
    db: Session, event: str, correlation_id: str, data: Json
) -> None:
    run_id = new_run(db)
    with db.refused("WF400"):
        create(db, run_id, event, correlation_id, data)


def test_attributes_of_any_name_come_back(db: Session) -> None:
    run_id = new_run(db)
    names = {"__proto__": "1", "constructor": "", "toString": "\x01"}
    changes = [{"key": key, "value": value} for key, value in names.items()]
    told = door(db, "json_set_attributes", run_id, changes)
    assert told == {"attributes": names}
    assert door(db, "json_get_run", run_id)["attributes"] == names
    with db.refused("WF422"):
        door(db, "json_set_attributes", run_id, [{"key": "", "value": "x"}])


@pytest.mark.parametrize("told", [0, 7, -1, "x", None])
def test_the_attempt_is_counted_and_not_believed(db: Session, told: Any) -> None:
    run_id = new_run(db)
    db.new_step(run_id, "step_1")
    for attempt in (1, 2):
        reply = create(db, run_id, "step_started", "step_1", {"attempt": told})
        assert reply["step"]["attempt"] == attempt
        assert reply["event"]["eventData"] == {"attempt": attempt}


@pytest.mark.parametrize(
    ("event", "has"),
    [
        (None, set[str]()),
        ("run_completed", {"completedAt", "output"}),
        ("run_failed", {"completedAt", "error", "errorCode"}),
        ("run_cancelled", {"completedAt", "cancelReason"}),
    ],
)
def test_a_run_that_is_over_has_what_its_status_says(
    db: Session, event: str | None, has: set[str]
) -> None:
    run_id = new_run(db)
    if event is not None:
        create(db, run_id, event, None, CASES[event][2])
    ends = {"completedAt", "output", "error", "errorCode", "cancelReason"}
    run = door(db, "json_get_run", run_id)
    assert set(run) & ends == has
    assert None not in run.values()


def test_without_a_version_an_event_has_the_newest(db: Session) -> None:
    run_id = new_run(db)
    create(db, run_id, "hook_created", "h", {"token": "t"})
    assert _listed(db, run_id)["specVersion"] == 7
    assert door(db, "json_get_run", run_id)["specVersion"] == 7
    assert door(db, "json_get_hook", run_id, "h")["specVersion"] == 7


def test_a_create_without_a_count_brings_nothing(db: Session) -> None:
    run_id = new_run(db)
    reply = create(db, run_id, "wait_created", "w", {"resumeAt": LATER})
    assert set(reply) == {"event", "wait"}
