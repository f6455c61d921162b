"""`json_create_events`: outcomes of a batch, in the shapes of the protocol."""

from __future__ import annotations

from typing import Any

import pytest

from tests.door.wire import Json, door, new_run, tagged
from tests.support import LATER, STEP, Session


def batch(db: Session, run_id: str, *events: Json, **params: Any) -> list[Json]:
    """The results of json_create_events."""
    entries = [{"event": event} for event in events]
    result = door(db, "json_create_events", run_id, entries, params)
    assert set(result) == {"results"}
    return result["results"]


def _step(event_type: str, step_id: str, **data: Any) -> Json:
    return {"eventType": event_type, "correlationId": step_id, "eventData": data}


def test_each_entry_has_its_outcome(db: Session) -> None:
    run_id = new_run(db)
    db.new_step(run_id, "done", "completed")
    db.new_step(run_id, "open", "running")
    results = batch(
        db,
        run_id,
        _step("step_completed", "open", result=tagged(b"out")),
        _step("step_completed", "done", result=tagged(b"out")),
        {
            "eventType": "wait_created",
            "correlationId": "nap",
            "eventData": {"resumeAt": LATER},
        },
        _step("step_failed", "absent", error="boom", stack="at x"),
        {"eventType": "run_completed", "eventData": {"output": tagged(b"")}},
    )
    assert [r["status"] for r in results] == [200, 409, 200, 404, 200]
    completed, conflict, nap, missing, ended = results
    assert set(completed) == {"status", "event", "step"}
    assert completed["event"]["eventData"] == {"result": tagged(b"out")}
    assert completed["step"]["output"] == tagged(b"out")
    assert set(conflict) == {"status", "error", "message", "detail"}
    assert conflict["error"] == "conflict"
    assert (missing["error"], missing["detail"]["entity"]) == ("not_found", "step")
    assert nap["wait"]["waitId"] == f"{run_id}-nap"
    assert ended["run"]["output"] == tagged(b"")
    ids = [int(r["event"]["eventId"][5:]) for r in (completed, nap, ended)]
    assert ids == list(range(ids[0], ids[0] + 3))


def test_a_step_is_born_running(db: Session) -> None:
    created, started = batch(
        db,
        run_id := new_run(db),
        _step("step_created", "step_1", stepName=STEP, input=tagged(b"in")),
        _step("step_started", "step_1", stepName=STEP),
        resolveData="none",
        wake=False,
    )
    assert created["event"]["eventData"] == {"stepName": STEP}
    assert started["step"]["attempt"] == 1
    assert "input" not in started["step"]
    assert door(db, "json_get_step", run_id, "step_1")["status"] == "running"


def test_a_time_that_is_told_is_that_of_the_event(db: Session) -> None:
    run_id = new_run(db)
    at = db.value("select workflow_pg_private.wire_iso(clock_timestamp())")
    millis = db.value("select extract(epoch from %s::timestamptz)::float8 * 1000", at)
    entry = {"event": _step("step_created", "step_1", stepName=STEP, input=[1])}
    results = door(
        db, "json_create_events", run_id, [entry | {"occurredAt": round(millis)}]
    )
    assert results["results"][0]["event"]["createdAt"] == at
    assert results["results"][0]["step"]["input"] == [1]


def test_an_empty_batch_has_no_results(db: Session) -> None:
    assert batch(db, new_run(db)) == []


def test_a_rejected_entry_may_undo_the_batch(db: Session) -> None:
    run_id = new_run(db)
    with db.refused("WF404", entity="step"):
        batch(
            db,
            run_id,
            _step("step_created", "step_1", stepName=STEP, input=tagged(b"")),
            _step("step_completed", "absent"),
            allOrNothing=True,
        )


@pytest.mark.parametrize(
    "entries",
    [
        {"event": {}},
        ["x"],
        [{"event": "x"}],
        [{}],
        [{"event": {"eventType": "run_created"}}],
        [{"event": {"eventType": "hook_created", "correlationId": "h"}}],
        [{"event": _step("step_started", "s", input=tagged(b""))}],
        [{"event": {"eventType": "run_completed"}, "occurredAt": "2026-01-01T00:00"}],
        [{"event": {"eventType": "run_completed"}, "occurredAt": 1e300}],
        [
            {"event": _step("step_completed", "a") | {"specVersion": 6}},
            {"event": _step("step_completed", "b") | {"specVersion": 7}},
        ],
    ],
)
def test_what_is_no_batch_is_refused(db: Session, entries: Any) -> None:
    run_id = new_run(db)
    with db.refused("WF400"):
        door(db, "json_create_events", run_id, entries)
