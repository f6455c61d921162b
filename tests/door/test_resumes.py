"""A resume with an id, by two writers through the JSON door, is recorded once."""

from __future__ import annotations

import pytest

from tests.door.wire import Json, create, door, new_run, tagged
from tests.support import Session

_RESUME = {"resumeId": "r1", "resumePayloadDigest": "d1"}


@pytest.fixture
def run_id(db: Session) -> str:
    """A run with a live hook."""
    run_id = new_run(db)
    create(db, run_id, "hook_created", "hook_1", {"token": "tok"})
    return run_id


def _resume(db: Session, run_id: str, payload: bytes, **params: str) -> Json:
    data = {"payload": tagged(payload)}
    return create(db, run_id, "hook_received", "hook_1", data, {**_RESUME, **params})


def test_its_event_has_its_id(db: Session, run_id: str) -> None:
    event = _resume(db, run_id, b"p")["event"]
    assert event["resumeId"] == "r1"
    assert event["eventData"] == {"payload": tagged(b"p")}
    page = door(db, "json_list_events", {"runId": run_id})
    assert page["data"][-1] == event


def test_who_comes_second_gets_the_first_event(db: Session, run_id: str) -> None:
    first = _resume(db, run_id, b"p")
    create(db, run_id, "hook_disposed", "hook_1")
    with db.nothing_written():
        # The bytes of another encryption; the digest stands for both.
        assert _resume(db, run_id, b"q") == first


def test_another_payload_or_hook_is_refused(db: Session, run_id: str) -> None:
    _resume(db, run_id, b"p")
    create(db, run_id, "hook_created", "hook_2", {"token": "other"})
    with db.refused("WF409"):
        _resume(db, run_id, b"p", resumePayloadDigest="d2")
    with db.refused("WF409"):
        create(db, run_id, "hook_received", "hook_2", {}, _RESUME)
    assert _resume(db, run_id, b"p", resumeId="r2")["event"]["resumeId"] == "r2"
