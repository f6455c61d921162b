"""What `json_create_event` brings along for a caller whose copy of the log is old."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.door.wire import Json, create, door, new_run, tagged
from tests.support import LATER, STEP, Session, new_run_id


def _ids(result: Json) -> list[int]:
    return [int(event["eventId"][5:]) for event in result["events"]]


def _id(seq: int) -> str:
    return f"evnt_{seq:026d}"


def test_a_step_that_is_started_may_create_itself(db: Session) -> None:
    run_id = new_run(db)
    db.quiet(run_id)
    data = {"stepName": STEP, "input": tagged(b"in"), "ownerMessageId": "msg_1"}
    result = create(db, run_id, "step_started", "step_1", data)
    assert set(result) == {"event", "step", "stepCreated"}
    assert result["stepCreated"] is True
    assert result["event"]["eventData"] == {"attempt": 1, "ownerMessageId": "msg_1"}
    assert result["step"]["input"] == tagged(b"in")
    assert result["step"]["status"] == "running"
    assert db.types(run_id)[-2:] == ["step_created", "step_started"]
    for status in ("running", "completed"):
        with db.refused("WF409"):
            create(db, run_id, "step_started", "step_1", data)
        if status == "running":
            create(db, run_id, "step_completed", "step_1", {"result": tagged(b"")})


@pytest.mark.parametrize(("hold", "waits"), [(None, 3600), (60, 60)])
def test_such_a_step_is_its_callers_for_an_hour(
    db: Session, hold: int | None, waits: int
) -> None:
    run_id = new_run(db)
    db.quiet(run_id)
    data = {"stepName": STEP, "input": tagged(b"")}
    params = {} if hold is None else {"holdSeconds": hold}
    create(db, run_id, "step_started", "step_1", data, params)
    claim = {"workerId": "w", "deploymentId": "ts"}
    db.set_clock(timedelta(seconds=waits - 5))
    assert door(db, "json_claim_messages", claim) == []
    db.set_clock(timedelta(seconds=waits + 5))
    assert [m["kind"] for m in door(db, "json_claim_messages", claim)] == ["step"]


def test_skipped_events_are_reported(db: Session) -> None:
    run_id = new_run(db)
    for number in range(2):
        create(db, run_id, "wait_created", f"wait_{number}", {"resumeAt": LATER})
    behind = create(db, run_id, "wait_completed", "wait_0", None, {"eventCount": 2})
    assert behind["event"]["eventId"] == _id(5)
    assert _ids(behind) == [3, 4]
    assert (behind["cursor"], behind["hasMore"]) == (_id(4), False)
    for count in (5, 99):
        params = {"eventCount": count}
        create(db, run_id, "wait_created", f"w{count}", {"resumeAt": LATER}, params)
        result = create(db, run_id, "wait_completed", f"w{count}", None, params)
        assert "events" not in result or count == 5
    less = create(db, run_id, "run_completed", None, None, {"eventCount": -3})
    assert _ids(less) == list(range(1, 10))


def test_what_follows_a_cursor_comes_with_what_moves_the_replay(db: Session) -> None:
    run_id = new_run(db)
    db.new_step(run_id, "step_1", "running")
    since = {"sinceCursor": _id(3), "eventCount": 4}
    done = create(db, run_id, "step_completed", "step_1", {"result": [1]}, since)
    assert _ids(done) == [4, 5]
    assert (done["cursor"], done["hasMore"]) == (_id(5), False)
    hook = create(db, run_id, "hook_created", "h", {"token": "tok"}, since)
    assert _ids(hook) == [4, 5, 6]
    other = new_run(db)
    conflict = create(db, other, "hook_created", "h", {"token": "tok"}, since)
    assert conflict["event"]["eventType"] == "hook_conflict"
    assert _ids(conflict) == []
    waits = create(db, run_id, "wait_created", "w", {"resumeAt": LATER}, since)
    assert _ids(waits) == [5, 6]


def test_a_cursor_that_is_none_of_ours_brings_nothing(db: Session) -> None:
    run_id = new_run(db)
    db.new_step(run_id, "step_1", "running")
    since = {"sinceCursor": "wevt_01KB0000000000000000000000"}
    assert "events" not in create(db, run_id, "step_completed", "step_1", None, since)


def test_a_resumer_may_get_the_whole_log(db: Session) -> None:
    run_id = new_run(db)
    create(db, run_id, "hook_created", "h", {"token": "tok"})
    preload = {"preloadEvents": True}
    data = {"payload": tagged(b"p")}
    result = create(db, run_id, "hook_received", "h", data, preload)
    assert _ids(result) == [1, 2, 3, 4]
    assert result["hasMore"] is False
    assert result["run"]["startedAt"]
    assert set(create(db, run_id, "hook_received", "h", data)) == {"event", "hook"}


def test_a_running_run_comes_with_its_log(db: Session) -> None:
    run_id = new_run(db)
    result = create(db, run_id, "run_started")
    assert set(result) == {"run", "events", "cursor", "hasMore"}
    assert _ids(result) == [1, 2]


@pytest.mark.parametrize(
    "params",
    [
        {"eventCount": "3"},
        {"eventCount": 1.5},
        {"sinceCursor": 3},
        {"skipPreload": "yes"},
        {"preloadEvents": 1},
        {"holdSeconds": 0},
        {"wake": "no"},
        {"echo": 0},
        {"leaseToken": "none"},
        {"dedupKey": 7},
        [],
    ],
)
def test_malformed_parameters_are_refused(db: Session, params: Json) -> None:
    run_id = new_run(db)
    create(db, run_id, "hook_created", "h", {"token": "tok"})
    data = {"stepName": STEP, "input": tagged(b"")}
    with db.refused("WF400"):
        create(db, run_id, "step_started", "step_1", data, params)
        create(db, run_id, "hook_received", "h", {"payload": tagged(b"")}, params)
        create(db, new_run_id(), "run_started", data=data, params=params)
