"""Every cell of the state machines that a batch can meet, through its door."""

from __future__ import annotations

import pytest

from tests.batches.calls import LEGAL, Entry, batch
from tests.machine import law
from tests.machine.states import Place, place, status_of
from tests.support import STEP, Session

CELLS = {
    entity: [
        cell for cell in law.cells(table) if cell.event in LEGAL and not cell.with_input
    ]
    for entity, table in (("run", law.RUN), ("step", law.STEP), ("wait", law.WAIT))
}


def _detail(entity: str, cell: law.Cell, at: Place) -> dict[str, object]:
    of_the_run: dict[str, object] = {"entity": "run", "id": at.run_id, "status": None}
    of_its_own: dict[str, object] = {
        "entity": entity,
        "id": at.entity_id or at.run_id,
        "status": cell.status,
    }
    told: dict[str, object] = {
        "event": cell.event,
        "run_id": at.run_id,
        "run_status": cell.run,
    }
    return told | (of_the_run if cell.run is None else of_its_own)


def _test(db: Session, entity: str, cell: law.Cell) -> None:
    at = place(db, entity, cell.run, cell.status)
    entry = Entry(cell.event, at.entity_id)
    if cell.code is not None:
        with db.nothing_written():
            (outcome,) = batch(db, at.run_id, [entry])
        assert outcome["sqlstate"] == cell.code
        assert outcome["status"] == int(cell.outcome)
        assert outcome["detail"] == _detail(entity, cell, at)
        with db.refused(cell.code, **outcome["detail"]):
            batch(db, at.run_id, [entry], all_or_nothing=True)
        return

    before = db.log(at.run_id)
    starts = [event["event_type"] for event in before].count("step_started")
    (outcome,) = batch(db, at.run_id, [entry])
    log = db.log(at.run_id)
    assert log[:-1] == before
    assert status_of(db, entity, at) == cell.outcome
    assert outcome == {
        "place": 1,
        "status": 200,
        "sqlstate": None,
        "message": None,
        "detail": None,
        "hint": None,
        "run_id": at.run_id,
        "seq": len(before) + 1,
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


@pytest.mark.parametrize("cell", CELLS["run"], ids=str)
def test_run(db: Session, cell: law.Cell) -> None:
    _test(db, "run", cell)


@pytest.mark.parametrize("cell", CELLS["step"], ids=str)
def test_step(db: Session, cell: law.Cell) -> None:
    _test(db, "step", cell)


@pytest.mark.parametrize("cell", CELLS["wait"], ids=str)
def test_wait(db: Session, cell: law.Cell) -> None:
    _test(db, "wait", cell)


@pytest.mark.parametrize(
    "cell", [c for c in CELLS["step"] if c.event == "step_created"], ids=str
)
def test_a_step_of_many(db: Session, cell: law.Cell) -> None:
    at = place(db, "step", cell.run, cell.status)
    told = {"run_id": at.run_id, "step_ids": [at.entity_id], "step_names": [STEP]}
    (outcome,) = db.call("create_steps", **told)
    assert outcome["sqlstate"] == cell.code
    if cell.code is None:
        assert status_of(db, "step", at) == cell.outcome


def _advance(db: Session, at: Place, step_id: str, next_step_id: str) -> None:
    db.call(
        "advance",
        run_id=at.run_id,
        step_id=step_id,
        result=b"out",
        next_step_id=next_step_id,
        next_step_name=STEP,
        next_input=b"in",
    )


@pytest.mark.parametrize(
    "cell", [c for c in CELLS["step"] if c.event == "step_completed"], ids=str
)
def test_an_advance_completes_what_may_be_completed(
    db: Session, cell: law.Cell
) -> None:
    at = place(db, "step", cell.run, cell.status)
    code = cell.code
    if code is None and cell.run not in {"pending", "running"}:
        # The step may finish after its run, but no step may follow it.
        code = "WF409"
    if code is not None:
        with db.refused(code):
            _advance(db, at, str(at.entity_id), "next")
    else:
        _advance(db, at, str(at.entity_id), "next")
        assert db.types(at.run_id)[-3:] == [
            "step_completed",
            "step_created",
            "step_started",
        ]


@pytest.mark.parametrize(
    "status", ["pending", "running", "completed", "failed", "cancelled"]
)
def test_an_advance_creates_only_what_is_absent(db: Session, status: str) -> None:
    at = place(db, "step", "running", status)
    db.new_step(at.run_id, "before", "running")
    with db.refused("WF409", event="step_created", id=at.entity_id, status=status):
        _advance(db, at, "before", str(at.entity_id))
