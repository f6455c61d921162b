"""What a step keeps: its attempts, its newest error, its result."""

from __future__ import annotations

import pytest

from tests.support import STEP, Row, Session


def _step(db: Session, run_id: str, step_id: str = "step_1") -> Row:
    (step,) = db.call("get_step", run_id=run_id, step_id=step_id)
    return step


def test_each_start_counts_as_an_attempt(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    assert _step(db, run_id)["attempt"] == 0
    for attempt in (1, 2, 3):
        assert db.append(run_id, "step_started", "step_1")["attempt"] == attempt
    assert db.append(run_id, "step_retrying", "step_1")["attempt"] == 3
    assert db.append(run_id, "step_started", "step_1")["attempt"] == 4
    assert db.append(run_id, "step_completed", "step_1")["attempt"] == 4
    starts = [e for e in db.log(run_id) if e["event_type"] == "step_started"]
    assert [e["facts"] for e in starts] == [{"attempt": n} for n in (1, 2, 3, 4)]


def test_a_start_brings_the_input_and_the_newest_error(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status="running")
    db.append(run_id, "step_retrying", "step_1", payload=b"first", codec="cbor")
    (step,) = db.call("start_step", run_id=run_id, step_id="step_1")
    assert (step["status"], step["attempt"], step["seq"]) == ("running", 2, 6)
    assert (step["input"], step["step_name"]) == (b"in", STEP)
    assert (step["error"], step["error_codec"]) == (b"first", "cbor")
    assert (step["output"], step["completed_at"]) == (None, None)


def test_the_first_start_sets_the_time(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status="running")
    started_at = _step(db, run_id)["started_at"]
    db.set_clock(db.now().replace(year=2990))
    db.append(run_id, "step_started", "step_1")
    assert _step(db, run_id)["started_at"] == started_at
    assert started_at == db.log(run_id)[3]["created_at"]


def test_the_error_stays_after_a_success(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status="running")
    db.append(run_id, "step_retrying", "step_1", payload=b"first")
    db.append(run_id, "step_started", "step_1")
    db.append(run_id, "step_retrying", "step_1", payload=b"second")
    db.append(run_id, "step_started", "step_1")
    db.append(run_id, "step_completed", "step_1", payload=b"result")
    step = _step(db, run_id)
    assert (step["output"], step["error"]) == (b"result", b"second")


def test_a_failed_step_has_the_error_that_failed_it(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status="running")
    db.append(run_id, "step_retrying", "step_1", payload=b"first")
    db.append(run_id, "step_failed", "step_1", payload=b"last")
    step = _step(db, run_id)
    assert (step["status"], step["error"], step["output"]) == ("failed", b"last", None)


@pytest.mark.parametrize("end", ["run_completed", "run_failed", "run_cancelled"])
@pytest.mark.parametrize("event", ["step_completed", "step_failed", "step_retrying"])
def test_a_running_step_goes_on_after_the_end_of_its_run(
    db: Session, end: str, event: str
) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status="running")
    db.append(run_id, end)
    reply = db.append(run_id, event, "step_1", payload=b"late")
    assert (reply["seq"], reply["attempt"]) == (6, 1)
    assert db.types(run_id)[-2:] == [end, event]
    assert db.messages(run_id) == []


def test_one_step_id_in_two_runs_is_two_steps(db: Session) -> None:
    one, other = db.new_run(), db.new_run()
    db.new_step(one, "step_1", "completed")
    db.new_step(other, "step_1", "running")
    assert _step(db, one)["status"] == "completed"
    assert _step(db, other)["status"] == "running"


def test_a_second_creation_does_not_alter_the_step(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    with db.refused("WF409", entity="step", id="step_1", status="pending"):
        facts = {"stepName": "another"}
        db.append(run_id, "step_created", "step_1", facts=facts, payload=b"x")
