"""A payload comes back byte for byte; only its size, and JSON, are looked at."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import STEP, Session, new_run_id

_LIMIT = 16 * 1024 * 1024
_CREATED: dict[str, Any] = {"facts": {"workflowName": "w"}}


def _carried(
    db: Session, event: str, payload: bytes | None, codec: str = "opaque"
) -> str:
    """The run in whose log the payload of an event was written last."""
    if event == "run_created":
        return db.new_run("pending", payload=payload, codec=codec)
    run_id = db.new_run()
    if event.startswith("step") and event != "step_created":
        db.new_step(run_id, status="running")
    elif event == "hook_received":
        db.append(run_id, "hook_created", "id_1", facts={"token": "t"})
    correlation_id = {"s": "step_1", "h": "id_1", "r": None}[event[0]]
    facts = {"stepName": STEP, "token": "t"}
    db.append(run_id, event, correlation_id, facts=facts, payload=payload, codec=codec)
    return run_id


_CARRIERS = [
    *("run_created", "run_completed", "run_failed"),
    *("step_created", "step_retrying", "step_completed", "step_failed"),
    *("hook_created", "hook_received"),
]


@pytest.mark.parametrize("event", _CARRIERS)
@pytest.mark.parametrize(
    "payload", [b"", b"\x00", b"a\x00b\xff\xfe", bytes(range(256)) * 40]
)
def test_bytes_come_back_as_they_were(db: Session, event: str, payload: bytes) -> None:
    run_id = _carried(db, event, payload)
    assert db.log(run_id)[-1]["payload"] == payload


@pytest.mark.parametrize(
    "event", [event for event in _CARRIERS if event != "run_created"]
)
def test_no_payload_is_not_an_empty_one(db: Session, event: str) -> None:
    run_id = _carried(db, event, None)
    assert db.log(run_id)[-1]["payload"] is None


def test_a_run_needs_an_input(db: Session) -> None:
    with db.refused("WF400", argument="input"):
        db.append(new_run_id(), "run_created", **_CREATED)


@pytest.mark.parametrize("codec", ["opaque", "cbor"])
def test_a_payload_is_not_looked_into(db: Session, codec: str) -> None:
    run_id = _carried(db, "step_completed", b"\xff not cbor", codec=codec)
    event = db.log(run_id)[-1]
    assert (event["codec"], event["payload"]) == (codec, b"\xff not cbor")


def test_sixteen_mebibytes_are_the_limit(db: Session) -> None:
    run_id = db.new_run()
    payload = b"x" * (_LIMIT + 1)
    with db.refused("WF413", bytes=_LIMIT + 1, limit=_LIMIT):
        db.append(run_id, "run_completed", payload=payload)
    db.append(run_id, "run_completed", payload=payload[1:])
    stored = "select octet_length(payload) from workflow_pg.events where seq = 3"
    assert db.value(stored) == _LIMIT


@pytest.mark.parametrize("event", _CARRIERS)
def test_every_event_has_the_limit(db: Session, event: str) -> None:
    run_id = new_run_id()
    with db.refused("WF413", bytes=_LIMIT + 1):
        db.append(
            run_id,
            event,
            None if event.startswith("run") else "id_1",
            facts={"workflowName": "w", "stepName": STEP, "token": "t"},
            payload=b"x" * (_LIMIT + 1),
        )


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"nul", b'"\xff"', b'{"a": 1} x', b"'a'", b"[" * 100_000]
)
def test_what_says_it_is_json_must_be(db: Session, payload: bytes) -> None:
    run_id = db.new_run()
    with db.refused("WF400", argument="payload"):
        db.append(run_id, "run_completed", payload=payload, codec="json")


@pytest.mark.parametrize(
    "payload", [b"null", b"1", b'" \\u0000"', b"[]", '{"a": "ä"}'.encode()]
)
def test_an_output_is_any_json(db: Session, payload: bytes) -> None:
    run_id = _carried(db, "run_completed", payload, codec="json")
    assert db.log(run_id)[-1]["payload"] == payload


@pytest.mark.parametrize("payload", [b"null", b"1", b'"a"', b"true"])
@pytest.mark.parametrize("event", ["run_created", "run_started"])
def test_a_json_input_is_arguments_or_keyword_arguments(
    db: Session, event: str, payload: bytes
) -> None:
    facts = {"workflowName": "w", "deploymentId": "d"}
    with db.refused("WF400", argument="input"):
        db.append(new_run_id(), event, facts=facts, payload=payload, codec="json")


@pytest.mark.parametrize("payload", [b"[]", b"[1, 2]", b"{}", b' {"a": 1} '])
def test_a_json_input_that_is_one_passes(db: Session, payload: bytes) -> None:
    run_id = db.new_run("pending", payload=payload, codec="json")
    (run,) = db.call("get_run", run_id=run_id)
    assert (run["input_codec"], run["input"]) == ("json", payload)


def test_a_payload_needs_a_codec(db: Session) -> None:
    run_id = db.new_run()
    with db.refused("WF400", argument="codec"):
        db.append(run_id, "run_completed", codec=None)
