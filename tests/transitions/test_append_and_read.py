"""A write that brings what the caller's copy of the log lacks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import LATER, STEP, WORKFLOW, Row, Session, new_run_id

RUN: dict[str, Any] = {
    "facts": {"workflowName": WORKFLOW, "deploymentId": "default"},
    "payload": b"in",
}


def _append(
    db: Session, run_id: str, event: str, *ids: str, **told: object
) -> list[Row]:
    correlation_id = ids[0] if ids else None
    return db.call(
        "append_and_read",
        run_id=run_id,
        event_type=event,
        correlation_id=correlation_id,
        **told,
    )


def _seqs(rows: list[Row]) -> list[int | None]:
    return [row["seq"] for row in rows]


@pytest.fixture
def run_id(db: Session) -> str:
    """A run with five events, of which the fourth is a payload of a step."""
    run_id = db.new_run()
    db.new_step(run_id, status="running")
    db.append(run_id, "wait_created", "wait_1", facts={"resumeAt": LATER})
    return run_id


@pytest.mark.parametrize(
    ("after", "expected"),
    [(0, [1, 2, 3, 4, 5, 6]), (3, [4, 5, 6]), (4, [5, 6]), (5, [6])],
)
def test_the_events_between_are_reported(
    db: Session, run_id: str, after: int, expected: list[int]
) -> None:
    rows = _append(db, run_id, "step_completed", "step_1", after=after, payload=b"out")
    assert _seqs(rows) == expected


@pytest.mark.parametrize("after", [6, 7, 2**53])
def test_a_reader_that_says_too_much_hears_less(
    db: Session, run_id: str, after: int
) -> None:
    assert _seqs(_append(db, run_id, "step_completed", "step_1", after=after)) == [6]


def test_the_last_row_is_the_reply(db: Session, run_id: str) -> None:
    rows = _append(db, run_id, "step_completed", "step_1", payload=b"out", after=4)
    between, own = rows
    stored = db.log(run_id)[-1]
    assert {name: own[name] for name in stored} == stored
    assert (own["event_id"], own["payload"]) == (f"evnt_{6:026d}", b"out")
    assert (own["run_status"], own["attempt"]) == ("running", 1)
    assert (between["run_status"], between["attempt"]) == (None, None)
    (listed,) = db.call("list_events", run_id=run_id, after=4, limit=1)
    assert {name: between[name] for name in listed} == listed


def test_payloads_are_left_out_on_request(db: Session, run_id: str) -> None:
    rows = _append(
        db, run_id, "step_completed", "step_1", payload=b"out", with_payloads=False
    )
    assert {row["payload"] for row in rows} == {None}
    assert db.log(run_id)[-1]["payload"] == b"out"


def test_a_jump_says_that_there_are_more(db: Session, run_id: str) -> None:
    rows = _append(db, run_id, "step_completed", "step_1", after=1, limit=2)
    assert _seqs(rows) == [2, 3, 6]


def test_a_start_brings_the_whole_log(db: Session) -> None:
    run_id = db.new_run("pending")
    rows = _append(db, run_id, "run_started")
    assert [row["event_type"] for row in rows] == ["run_created", "run_started"]
    assert rows[-1]["run_status"] == "running"


def test_a_start_of_what_runs_brings_the_whole_log_and_writes_nothing(
    db: Session, run_id: str
) -> None:
    with db.nothing_written():
        *log, own = _append(db, run_id, "run_started")
    assert _seqs(log) == [1, 2, 3, 4, 5]
    assert (own["seq"], own["run_status"]) == (None, "running")
    assert (own["event_id"], own["created_at"], own["facts"]) == (None, None, None)


def test_a_resilient_start_takes_two_positions(db: Session) -> None:
    run_id = new_run_id()
    rows = _append(db, run_id, "run_started", **RUN)
    assert _seqs(rows) == [1, 2]
    assert rows[0]["payload"] == b"in"


def test_a_step_that_is_created_by_its_start_takes_two_positions(
    db: Session, run_id: str
) -> None:
    rows = _append(
        db,
        run_id,
        "step_started",
        "step_2",
        facts={"stepName": STEP},
        payload=b"in",
        after=5,
    )
    assert [(r["seq"], r["event_type"]) for r in rows] == [
        (6, "step_created"),
        (7, "step_started"),
    ]


def test_a_run_whose_id_is_drawn_is_read_as_any_other(db: Session) -> None:
    (own,) = db.call("append_and_read", run_id=None, event_type="run_created", **RUN)
    assert (own["seq"], own["run_status"], own["payload"]) == (1, "pending", b"in")


def test_a_conflict_is_reported_like_any_event(db: Session, run_id: str) -> None:
    facts = {"token": "token"}
    other = db.new_run()
    db.append(other, "hook_created", "hook_1", facts=facts)
    *_, own = _append(db, run_id, "hook_created", "hook_1", facts=facts)
    assert (own["event_type"], own["conflicting_run_id"]) == ("hook_conflict", other)


def test_a_repeat_gets_the_first_answer(db: Session, run_id: str) -> None:
    told: dict[str, Any] = {"after": 3, "dedup_key": "key", "payload": b"out"}
    first = _append(db, run_id, "step_completed", "step_1", **told)
    db.append(run_id, "wait_completed", "wait_1")
    with db.nothing_written():
        assert _append(db, run_id, "step_completed", "step_1", **told) == first


def test_a_refusal_reports_nothing(db: Session, run_id: str) -> None:
    with db.refused("WF404"):
        _append(db, run_id, "step_completed", "step_9")


@pytest.mark.parametrize(
    ("wrong", "argument"),
    [
        ({"after": -1}, "after"),
        ({"after": None}, "after"),
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
    ],
    ids=str,
)
def test_what_is_malformed_is_refused(
    db: Session, run_id: str, wrong: dict[str, object], argument: str
) -> None:
    with db.refused("WF400", argument=argument):
        _append(db, run_id, "step_completed", "step_1", **wrong)
