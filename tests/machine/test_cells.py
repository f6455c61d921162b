"""Every cell of the state machines, through append_event."""

from __future__ import annotations

import pytest

from tests.machine import law
from tests.machine.states import ARGUMENTS, Place, place, status_of
from tests.support import Session


def _test(db: Session, entity: str, cell: law.Cell) -> None:
    at = place(db, entity, cell.run, cell.status)
    if cell.code is not None:
        _is_refused(db, entity, cell, at, cell.code)
    elif cell.outcome == "-":
        _does_nothing(db, cell, at)
    else:
        _is_accepted(db, entity, cell, at)


def _is_refused(db: Session, entity: str, cell: law.Cell, at: Place, code: str) -> None:
    detail = (
        {"entity": "run", "id": at.run_id, "status": None}
        if cell.run is None
        else {
            "entity": entity,
            "id": at.entity_id or at.run_id,
            "status": cell.status,
        }
    )
    told = {"event": cell.event, "run_id": at.run_id, "run_status": cell.run}
    with db.refused(code, **detail, **told):
        _append(db, cell, at)


def _does_nothing(db: Session, cell: law.Cell, at: Place) -> None:
    with db.nothing_written():
        reply = _append(db, cell, at)
    assert reply == {
        "run_id": at.run_id,
        "seq": None,
        "event_type": cell.event,
        "correlation_id": None,
        "created_at": None,
        "run_status": cell.run,
        "attempt": None,
        "conflicting_run_id": None,
    }


def _is_accepted(db: Session, entity: str, cell: law.Cell, at: Place) -> None:
    before = db.log(at.run_id)
    starts = [event["event_type"] for event in before].count("step_started")

    reply = _append(db, cell, at)

    log = db.log(at.run_id)
    wrote = ["step_created"] * cell.with_input + [cell.event]
    assert log[: len(before)] == before
    assert [event["event_type"] for event in log[len(before) :]] == wrote
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    assert log[-1]["event_type"] == cell.event
    assert log[-1]["correlation_id"] == at.entity_id
    assert status_of(db, entity, at) == cell.outcome
    assert reply == {
        "run_id": at.run_id,
        "seq": len(log),
        "event_type": cell.event,
        "correlation_id": at.entity_id,
        "created_at": log[-1]["created_at"],
        "run_status": cell.outcome if entity == "run" else cell.run,
        "attempt": starts + (cell.event == "step_started")
        if entity == "step"
        else None,
        "conflicting_run_id": None,
    }
    (run,) = db.rows("select * from workflow_pg.runs where run_id = %s", at.run_id)
    assert (run["last_seq"], run["last_event_at"]) == (len(log), log[-1]["created_at"])


def _append(db: Session, cell: law.Cell, at: Place) -> dict[str, object]:
    event = "step_created" if cell.with_input else cell.event
    options = ARGUMENTS.get(event, {})
    return db.append(at.run_id, cell.event, at.entity_id, **options)


@pytest.mark.parametrize("cell", law.cells(law.RUN), ids=str)
def test_run(db: Session, cell: law.Cell) -> None:
    _test(db, "run", cell)


@pytest.mark.parametrize("cell", law.cells(law.STEP), ids=str)
def test_step(db: Session, cell: law.Cell) -> None:
    _test(db, "step", cell)


@pytest.mark.parametrize("cell", law.cells(law.HOOK), ids=str)
def test_hook(db: Session, cell: law.Cell) -> None:
    _test(db, "hook", cell)


@pytest.mark.parametrize("cell", law.cells(law.WAIT), ids=str)
def test_wait(db: Session, cell: law.Cell) -> None:
    _test(db, "wait", cell)
