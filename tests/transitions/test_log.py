"""The log of a run: dense, ordered in time, with one end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.support import LATER, STEP, Session

_RESERVED = {
    "changes": [{"key": "$mine", "value": "x"}],
    "writer": {"type": "api"},
}
_ENDS = ("run_completed", "run_failed", "run_cancelled")


def test_no_event_is_older_than_the_one_before(db: Session) -> None:
    run_id = db.new_run()
    moments = [0, -3600, 60, -86_400, 120]
    for number, seconds in enumerate(moments):
        db.set_clock(timedelta(seconds=seconds))
        db.new_step(run_id, f"step_{number}", "completed")
    db.set_clock(timedelta(days=-2))
    db.append(run_id, "run_completed")
    log = db.log(run_id)
    times = [event["created_at"] for event in log]
    assert times == sorted(times)
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    (run,) = db.call("get_run", run_id=run_id)
    assert run["completed_at"] == times[-1]
    assert run["last_seq"] == len(log)


def test_a_clock_that_went_back_delays_no_message(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status="running")
    db.quiet(run_id)
    db.set_clock(timedelta(hours=-1))
    db.append(run_id, "step_completed", "step_1")
    db.new_step(run_id, "step_2")
    db.new_step(run_id, "step_3", "running")
    db.append(run_id, "step_retrying", "step_3")
    claimed = {(m["kind"], m["step_id"]) for m in db.claim()}
    assert claimed == {("wake", None), ("step", "step_2"), ("step", "step_3")}


def test_times_are_milliseconds(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status="completed")
    times = [event["created_at"] for event in db.log(run_id)]
    assert {time.microsecond % 1000 for time in times} == {0}


def test_a_refused_call_takes_no_position(db: Session) -> None:
    run_id = db.new_run()
    for _ in range(3):
        with db.refused("WF404"):
            db.append(run_id, "step_started", "step_9")
    facts = {"stepName": STEP}
    assert db.append(run_id, "step_created", "step_1", facts=facts)["seq"] == 3


def test_refusals_of_every_code_take_no_position(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status="running")
    db.append(run_id, "step_retrying", "step_1", facts={"retryAfter": LATER})
    db.new_step(run_id, "step_2", "completed")
    before = len(db.log(run_id))
    refusals: list[tuple[str, str, str | None, dict[str, Any]]] = [
        ("WF400", "wait_created", "w", {"facts": {"resumeAt": "never"}}),
        ("WF404", "step_started", "step_9", {}),
        ("WF409", "step_started", "step_2", {}),
        ("WF413", "run_completed", None, {"payload": b"x" * (16 * 1024**2 + 1)}),
        ("WF422", "attr_set", None, {"facts": _RESERVED}),
        ("WF425", "step_started", "step_1", {}),
        ("WF426", "run_completed", None, {"spec_version": 8}),
    ]
    for code, event, correlation_id, told in refusals:
        with db.refused(code):
            db.append(run_id, event, correlation_id, **told)
    reply = db.append(run_id, "run_completed")
    assert reply["seq"] == before + 1
    with db.refused("WF410"):
        db.append(run_id, "step_started", "step_1")
    assert [event["seq"] for event in db.log(run_id)] == list(range(1, before + 2))


def test_a_call_that_is_rolled_back_takes_no_position(db: Session) -> None:
    run_id = db.new_run()
    with db.conn.transaction(force_rollback=True):
        db.append(run_id, "wait_created", "wait_1", facts={"resumeAt": LATER})
    facts = {"stepName": STEP}
    assert db.append(run_id, "step_created", "step_1", facts=facts)["seq"] == 3


@pytest.mark.parametrize("end", _ENDS)
@pytest.mark.parametrize("other", _ENDS)
def test_not_even_a_hand_writes_a_second_end(db: Session, end: str, other: str) -> None:
    run_id = db.new_run()
    db.append(run_id, end)
    with pytest.raises(psycopg.errors.UniqueViolation):
        db.do(
            "insert into workflow_pg.events"
            " (run_id, seq, event_type, spec_version, codec, created_at)"
            " values (%s, 99, %s, 7, 'opaque', now())",
            run_id,
            other,
        )


@pytest.mark.parametrize("end", _ENDS)
def test_the_end_disposes_hooks_and_cancels_waits(db: Session, end: str) -> None:
    run_id = db.new_run()
    for number in (1, 2):
        facts = {"token": f"token_{number}", "resumeAt": LATER}
        db.append(run_id, "hook_created", f"hook_{number}", facts=facts)
        db.append(run_id, "wait_created", f"wait_{number}", facts=facts)
    db.append(run_id, "wait_completed", "wait_2")
    db.append(run_id, end)
    hooks = db.rows("select status::text, disposed_at from workflow_pg.hooks")
    ended_at = db.log(run_id)[-1]["created_at"]
    assert [h["status"] for h in hooks] == ["disposed", "disposed"]
    assert {h["disposed_at"] for h in hooks} == {ended_at}
    waits = db.rows("select status::text from workflow_pg.waits order by wait_id")
    assert [w["status"] for w in waits] == ["cancelled", "completed"]
    assert db.rows("select * from workflow_pg_private.hook_tokens") == []
    assert db.call("list_hooks", run_id=run_id) == []
    assert db.types(run_id)[-1] == end
