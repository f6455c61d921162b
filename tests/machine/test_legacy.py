"""Every cell of a legacy run, and every event of one of a newer version."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.machine import law
from tests.support import EVENTS, LATER, SETS, STEP, Session, new_run_id

FACTS: dict[str, Any] = {
    "workflowName": "w",
    "deploymentId": "default",
    "stepName": STEP,
    "token": "t",
    "resumeAt": LATER,
    **SETS,
}
IN_BATCHES = [e for e in EVENTS if e.startswith(("step", "wait"))]


def _run_of(db: Session, status: str, version: int) -> str:
    """A run in a status with one of everything, as a version wrote it."""
    run_id = db.new_run("running" if status == "running" else "pending")
    db.new_step(run_id, "id_1", "running")
    db.append(run_id, "hook_created", "id_1", facts={"token": "t"})
    db.append(run_id, "wait_created", "id_1", facts={"resumeAt": LATER})
    if status not in {"pending", "running"}:
        db.append(run_id, f"run_{status}")
    db.do("update workflow_pg.runs set spec_version = %s", version)
    db.quiet(run_id)
    return run_id


def _append(db: Session, run_id: str, event: str, **options: Any) -> dict[str, Any]:
    correlation_id = None if event.startswith("run") else "id_1"
    told: dict[str, Any] = {"facts": FACTS, **options}
    if event in {"run_created", "hook_received"}:
        told["payload"] = b"x"
    return db.append(run_id, event, correlation_id, **told)


@pytest.mark.parametrize("cell", law.cells(law.LEGACY), ids=str)
def test_a_legacy_run(db: Session, cell: law.Cell) -> None:
    if cell.run is None:
        version = 1 if cell.event == "run_created" else 7
        with db.refused(str(cell.code)):
            _append(db, new_run_id(), cell.event, spec_version=version)
        return
    run_id = _run_of(db, cell.run, 1)
    if cell.code is not None:
        told = {"event": cell.event, "run_id": run_id, "run_status": cell.run}
        with db.refused(cell.code, **told):
            _append(db, run_id, cell.event)
        return
    before = db.log(run_id)
    entities = _entities(db)

    reply = _append(db, run_id, cell.event)

    is_written = cell.event != "run_cancelled"
    (run,) = db.call("get_run", run_id=run_id)
    assert run["status"] == (cell.run if cell.outcome == "-" else cell.outcome)
    assert (run["completed_at"] is not None) == (run["status"] not in law.LIVE)
    assert (reply["seq"], len(db.log(run_id))) == (
        (len(before) + 1, len(before) + 1) if is_written else (None, len(before))
    )
    if is_written:
        assert db.log(run_id)[-1]["event_type"] == cell.event
        assert db.log(run_id)[-1]["spec_version"] == 7
        assert _entities(db) == entities
    assert db.messages(run_id) == []


def _entities(db: Session) -> list[Any]:
    return [
        db.rows("select * from workflow_pg.steps"),
        db.rows("select * from workflow_pg.hooks"),
        db.rows("select * from workflow_pg.waits"),
    ]


def test_a_cancelled_legacy_run_frees_its_tokens_and_ends_its_waits(
    db: Session,
) -> None:
    run_id = _run_of(db, "running", 1)
    db.call("cancel_run", run_id=run_id)
    assert db.value("select status::text from workflow_pg.hooks") == "disposed"
    assert db.value("select status::text from workflow_pg.waits") == "cancelled"
    assert db.rows("select * from workflow_pg_private.hook_tokens") == []


def test_legacy_runs_are_cancelled_among_others(db: Session) -> None:
    legacy = _run_of(db, "running", 1)
    future = new_run_id()
    db.new_run("pending", run_id=future)
    db.do("update workflow_pg.runs set spec_version = 8 where run_id = %s", future)
    other = db.new_run("running")
    outcomes = db.call("cancel_runs", run_ids=[legacy, future, other])
    assert [(o["outcome"], o["run_status"], o["seq"]) for o in outcomes] == [
        ("cancelled", "cancelled", None),
        ("not_cancellable", "pending", None),
        ("cancelled", "cancelled", 3),
    ]


def test_sleeps_of_a_run_of_a_newer_version_are_not_ended(db: Session) -> None:
    run_id = _run_of(db, "running", 8)
    with db.refused("WF426", run_id=run_id):
        db.call("complete_elapsed_waits", run_id=run_id)


def test_only_the_log_of_a_legacy_run_is_verified(db: Session) -> None:
    run_id = _run_of(db, "running", 1)
    with db.conn.transaction(force_rollback=True):
        db.do("update workflow_pg.steps set attempt = 7 where run_id = %s", run_id)
        assert db.call("verify_run", run_id=run_id) == []
        db.do("delete from workflow_pg.events where run_id = %s and seq = 2", run_id)
        assert [f["entity"] for f in db.call("verify_run", run_id=run_id)] == ["log"]


@pytest.mark.parametrize("version", [1, 8])
def test_a_batch_has_no_event_for_a_run_of_another_version(
    db: Session, version: int
) -> None:
    run_id = _run_of(db, "running", version)
    with db.nothing_written():
        outcomes = db.call(
            "append_events",
            run_id=run_id,
            event_types=IN_BATCHES,
            correlation_ids=[f"id_{n}" for n, _ in enumerate(IN_BATCHES)],
            facts=[Jsonb(FACTS)] * len(IN_BATCHES),
        )
    assert {outcome["sqlstate"] for outcome in outcomes} == {"WF426"}


@pytest.mark.parametrize("status", ["pending", "running", "completed"])
@pytest.mark.parametrize("event", EVENTS)
def test_every_event_of_a_run_of_a_newer_version_is_refused(
    db: Session, event: str, status: str
) -> None:
    run_id = _run_of(db, status, 8)
    told = {"event": event, "run_id": run_id, "spec_version": 8}
    with db.refused("WF426", **told):
        _append(db, run_id, event)


@pytest.mark.parametrize("version", [1, 8])
def test_a_run_of_another_version_takes_no_step_that_is_born_running(
    db: Session, version: int
) -> None:
    run_id = _run_of(db, "running", version)
    new = {"spec_version": version, "run_id": run_id}
    with db.refused("WF426", event="step_started", **new):
        db.call(
            "start_new_step",
            run_id=run_id,
            step_id="id_2",
            step_name=STEP,
            input=b"x",
        )
    with db.refused("WF426", event="step_completed", **new):
        db.call(
            "advance",
            run_id=run_id,
            step_id="id_1",
            result=b"x",
            next_step_id="id_2",
            next_step_name=STEP,
            next_input=b"x",
        )


def test_a_legacy_run_is_not_woken_and_says_so(db: Session) -> None:
    run_id = _run_of(db, "running", 1)
    _append(db, run_id, "hook_received")
    assert db.messages(run_id) == []
    assert db.call("unwakeable_runs") == []
    causes = [row["cause"] for row in db.call("why", run_id=run_id)]
    assert causes[0] == "legacy"
    with db.refused("WF426", run_id=run_id):
        db.call("wake_run", run_id=run_id)
    db.call("cancel_run", run_id=run_id)
    with db.refused("WF426", spec_version=1):
        db.call("retry_run", run_id=run_id)
