"""Values that break things: each comes back as it was, or is refused by its code."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests.door.wire import Json, create, door, new_run, tagged, untagged
from tests.support import STEP, WORKFLOW, Session, new_run_id

_MIB = 1024 * 1024


def _step(db: Session) -> str:
    run_id = new_run(db)
    db.new_step(run_id, "step_1", "running")
    return run_id


def _through(db: Session, result: Any) -> Any:
    """What becomes of a result: the same in the reply, the log, and the step."""
    run_id = _step(db)
    reply = create(db, run_id, "step_completed", "step_1", {"result": result})
    event_id = reply["event"]["eventId"]
    event = door(db, "json_get_event", run_id, event_id)
    assert event == reply["event"]
    (listed,) = door(
        db,
        "json_list_events",
        {"runId": run_id, "pagination": {"sortOrder": "desc", "limit": 1}},
    )["data"]
    assert listed == event
    output = door(db, "json_get_step", run_id, "step_1")["output"]
    assert output == event["eventData"]["result"]
    return output


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"\0null byte \0", b"\xff\xfe\xed\xa0\x80", bytes(range(256)) * 3],
    ids=["empty", "nul", "nul in text", "no utf-8", "all"],
)
def test_bytes_come_back_in_one_line_of_base64(db: Session, data: bytes) -> None:
    output = _through(db, tagged(data))
    assert output == tagged(data)
    assert untagged(output) == data


@pytest.mark.parametrize(
    "value",
    [
        None,
        False,
        0,
        "",
        [],
        {},
        -0.5,
        1e22,
        123456789012345678901234567890,
        "\x01\x7f\u2028\ufffd\U0001f600",
        {"__proto__": {"a": None}, "constructor": 1, "": [None]},
        [{"__type": "Date", "data": "x"}],
    ],
    ids=repr,
)
def test_json_values_come_back(db: Session, value: Any) -> None:
    assert _through(db, value) == value


def test_absent_is_not_empty(db: Session) -> None:
    run_id = _step(db)
    reply = create(db, run_id, "step_completed", "step_1", {})
    assert reply["event"]["eventData"] == {}
    assert "output" not in reply["step"]


def test_ten_megabytes_come_back(db: Session) -> None:
    data = bytes(range(256)) * (10 * _MIB // 256)
    run_id = _step(db)
    quiet = {"echo": False, "resolveData": "all"}
    create(db, run_id, "step_completed", "step_1", {"result": tagged(data)}, quiet)
    assert untagged(door(db, "json_get_step", run_id, "step_1")["output"]) == data
    db.new_step(run_id, "step_2", "running")
    create(db, run_id, "step_completed", "step_2", None, quiet, payload=data)
    assert untagged(door(db, "json_get_step", run_id, "step_2")["output"]) == data


def test_too_many_bytes_are_refused(db: Session) -> None:
    run_id = _step(db)
    with db.refused("WF413"):
        create(db, run_id, "step_completed", "step_1", payload=b"x" * (16 * _MIB + 1))


def test_line_ends_in_base64_are_read(db: Session) -> None:
    run_id = _step(db)
    result = {"__type": "Uint8Array", "data": "YWJj\nZGVm\r\n"}
    reply = create(db, run_id, "step_completed", "step_1", {"result": result})
    assert reply["step"]["output"] == tagged(b"abcdef")


@pytest.mark.parametrize("data", ["YWJ", "YW*j", "YWJj=", "_-8=", "\u00e9", None, 7])
def test_what_is_no_base64_is_refused(db: Session, data: Any) -> None:
    run_id = _step(db)
    result = {"__type": "Uint8Array", "data": data}
    with db.refused("WF400", argument="result"):
        create(db, run_id, "step_completed", "step_1", {"result": result})


def test_bytes_without_data_are_refused(db: Session) -> None:
    run_id = _step(db)
    with db.refused("WF400", argument="result"):
        create(
            db,
            run_id,
            "step_completed",
            "step_1",
            {"result": {"__type": "Uint8Array"}},
        )


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("a\0b", errors.UntranslatableCharacter),
        ("a\ud800b", errors.InvalidTextRepresentation),
        ("\udc00", errors.InvalidTextRepresentation),
    ],
    ids=["nul", "high", "low"],
)
@pytest.mark.parametrize("place", ["stepName", "input", "key", "correlationId"])
def test_text_that_is_none_is_refused_before_the_call(
    db: Session, text: str, refusal: type[psycopg.Error], place: str
) -> None:
    run_id = new_run(db)
    data: Json = {"stepName": STEP, "input": [1]}
    data |= {text: 1} if place == "key" else {place: text}
    correlation_id = text if place == "correlationId" else "step_1"
    with db.nothing_written(), pytest.raises(refusal):
        create(db, run_id, "step_created", correlation_id, data)


def test_json_that_others_wrote_and_jsonb_cannot_hold_is_bytes(db: Session) -> None:
    for text in (rb'"a\u0000b"', rb'["\ud800"]'):
        run_id = new_run(db)
        db.append(run_id, "run_completed", payload=text, codec="json")
        assert door(db, "json_get_run", run_id)["output"] == tagged(text)


def test_a_fact_that_is_null_is_none(db: Session) -> None:
    names = ("executionContext", "attributes", "encryptionPublicKey")
    data: Json = {
        "workflowName": WORKFLOW,
        "deploymentId": "ts",
        "input": tagged(b""),
        **dict.fromkeys(names),
    }
    result = create(db, new_run_id(), "run_created", data=data)
    assert not set(names) & set(result["event"]["eventData"])
    assert result["run"]["attributes"] == {}


def test_cbor_is_bytes(db: Session) -> None:
    run_id = db.new_run(payload=b"\xa0", codec="cbor")
    assert door(db, "json_get_run", run_id)["input"] == tagged(b"\xa0")


def test_an_execution_context_keeps_its_nulls_and_its_keys(db: Session) -> None:
    run_id = new_run_id()
    context: Json = {"__proto__": None, "a": {"b": None, "": []}, "traceCarrier": {}}
    data: Json = {
        "workflowName": WORKFLOW,
        "deploymentId": "ts",
        "input": tagged(b""),
        "executionContext": context,
    }
    run = create(db, run_id, "run_created", data=data)["run"]
    assert run["executionContext"] == context
    assert run["input"] == tagged(b"")


@pytest.mark.parametrize(
    "at",
    [
        "infinity",
        "-infinity",
        "now",
        "2999-01-01",
        "2999-01-01T00:00:00",
        "2999-13-01T00:00:00Z",
        "",
        1e300,
        -1e18,
        253402300800000,
        True,
        {},
    ],
)
def test_what_is_no_moment_is_refused(db: Session, at: Any) -> None:
    run_id = _step(db)
    with db.refused("WF400", argument="resumeAt"):
        create(db, run_id, "wait_created", "wait_1", {"resumeAt": at})
    with db.refused("WF400", argument="retryAfter"):
        create(db, run_id, "step_retrying", "step_1", {"retryAfter": at, "error": "e"})


@pytest.mark.parametrize(
    ("told", "stored"),
    [
        ("2999-01-01T01:30:00.123456+01:30", "2999-01-01T00:00:00.123Z"),
        (32472144000000, "2999-01-01T00:00:00.000Z"),
        (32472144000000.75, "2999-01-01T00:00:00.001Z"),
        (0, "1970-01-01T00:00:00.000Z"),
    ],
)
def test_moments_are_stored_in_utc(db: Session, told: Any, stored: str) -> None:
    run_id = new_run(db)
    db.do("set timezone to 'Asia/Tokyo'")
    try:
        reply = create(db, run_id, "wait_created", "wait_1", {"resumeAt": told})
    finally:
        db.do("reset timezone")
    # Milliseconds are cut or rounded, one of the two.
    assert reply["wait"]["resumeAt"][:19] == stored[:19]
    assert abs(int(reply["wait"]["resumeAt"][20:23]) - int(stored[20:23])) <= 1


@pytest.mark.parametrize(
    "event",
    [
        [],
        "x",
        7,
        {},
        {"eventType": None},
        {"eventType": 7},
        {"eventType": "__proto__"},
        {"eventType": "constructor"},
        {"eventType": "hook_conflict"},
        {"eventType": "noop"},
        {"eventType": "run_completed", "eventData": []},
        {"eventType": "run_completed", "specVersion": "7"},
        {"eventType": "run_completed", "specVersion": 1.5},
        {"eventType": "run_completed", "specVersion": 1e12},
        {"eventType": "step_completed", "correlationId": 7},
        {
            "eventType": "step_created",
            "correlationId": "a\nb",
            "eventData": {"stepName": "s"},
        },
        {"eventType": "step_created", "correlationId": "s", "eventData": None},
        {
            "eventType": "step_created",
            "correlationId": "s",
            "eventData": {"stepName": {}},
        },
        {
            "eventType": "hook_created",
            "correlationId": "h",
            "eventData": {"token": "t", "isWebhook": "no"},
        },
        {"eventType": "run_failed", "eventData": {"errorCode": 5}},
        {"eventType": "wait_created", "correlationId": "w"},
    ],
    ids=json.dumps,
)
def test_what_is_no_event_is_refused(db: Session, event: Any) -> None:
    run_id = new_run(db)
    with db.refused("WF400"):
        db.value(
            "select workflow_pg.json_create_event(%s, %s::jsonb)",
            run_id,
            json.dumps(event),
        )


@pytest.mark.parametrize("version", [0, 1, 8, -1])
def test_other_versions_are_refused(db: Session, version: int) -> None:
    run_id = new_run(db)
    with db.refused("WF426"):
        create(db, run_id, "run_completed", specVersion=version)


def test_a_run_that_does_not_exist_is_told_apart(db: Session) -> None:
    run_id = new_run_id()
    for event_type in ("run_started", "run_completed", "step_started", "wait_created"):
        data = {"resumeAt": 0} if event_type == "wait_created" else None
        with db.refused("WF404", entity="run", run_id=run_id):
            create(db, run_id, event_type, "x", data)
    with db.refused("WF400"):
        create(db, None, "run_completed")
