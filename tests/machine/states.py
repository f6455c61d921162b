"""Brings a run and one entity of it into any pair of statuses.

By events where the machine allows the pair. What no event leads to is planted with
UPDATE and DELETE as superuser: an entity without its run, a step that is cancelled, a
live hook or a sleeping wait of a final run, a cancelled wait of a live one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

from tests.support import LATER, SET_BY_API, STEP, Session, new_run_id

TOKEN = "the-token"


@dataclass(frozen=True, slots=True)
class Place:
    """A run and an entity of it; for the run itself the entity's id is null."""

    run_id: str
    entity_id: str | None


def place(
    db: Session, entity: str, run_status: str | None, status: str | None
) -> Place:
    """A run in `run_status` with an entity in `status`; null stands for absent."""
    if entity == "run":
        run_id = new_run_id() if run_status is None else db.new_run(run_status)
        return Place(run_id, None)
    run_id = db.new_run("running" if run_status == "running" else "pending")
    at = Place(run_id, f"{entity}_1")
    if status is not None:
        {"step": _step, "hook": _hook, "wait": _wait}[entity](db, at, status)
    if run_status is None:
        db.do("delete from workflow_pg.runs where run_id = %s", run_id)
        db.quiet(run_id)
    elif run_status not in {"pending", "running"}:
        db.append(run_id, f"run_{run_status}")
        _outlive(db, at, entity, status)
    return at


def _step(db: Session, at: Place, status: str) -> None:
    if status != "cancelled":
        db.new_step(at.run_id, str(at.entity_id), status)
        return
    db.new_step(at.run_id, str(at.entity_id), "running")
    db.do(
        "update workflow_pg.steps set status = 'cancelled', completed_at = now()"
        " where run_id = %s",
        at.run_id,
    )


def _hook(db: Session, at: Place, status: str) -> None:
    if status == "conflict":
        db.append(db.new_run(), "hook_created", "hook_0", facts={"token": TOKEN})
    db.append(at.run_id, "hook_created", at.entity_id, facts={"token": TOKEN})
    if status == "disposed":
        db.append(at.run_id, "hook_disposed", at.entity_id)


def _wait(db: Session, at: Place, status: str) -> None:
    db.append(at.run_id, "wait_created", at.entity_id, facts={"resumeAt": LATER})
    if status == "completed":
        db.append(at.run_id, "wait_completed", at.entity_id)
    elif status == "cancelled":
        db.do(
            "update workflow_pg.waits set status = 'cancelled' where run_id = %s",
            at.run_id,
        )


def _outlive(db: Session, at: Place, entity: str, status: str | None) -> None:
    """Undo what the end of the run did to the entity."""
    if (entity, status) == ("wait", "waiting"):
        db.do(
            "update workflow_pg.waits set status = 'waiting' where run_id = %s",
            at.run_id,
        )
    elif (entity, status) == ("hook", "live"):
        db.do(
            "update workflow_pg.hooks set status = 'live', disposed_at = null"
            " where run_id = %s",
            at.run_id,
        )
        db.do(
            "insert into workflow_pg_private.hook_tokens values (%s, %s, %s)",
            TOKEN,
            at.run_id,
            at.entity_id,
        )


def status_of(db: Session, entity: str, at: Place) -> str | None:
    """The status of the entity as its table has it; null when it has none."""
    queries: dict[str, LiteralString] = {
        "run": "select status::text from workflow_pg.runs where run_id = %s",
        "step": "select status::text from workflow_pg.steps where run_id = %s",
        "hook": "select status::text from workflow_pg.hooks where run_id = %s",
        "wait": "select status::text from workflow_pg.waits where run_id = %s",
    }
    rows = db.rows(queries[entity], at.run_id)
    return rows[0]["status"] if rows else None


ARGUMENTS: dict[str, dict[str, object]] = {
    "run_created": {"facts": {"workflowName": "w"}, "payload": b"in"},
    "attr_set": {"facts": SET_BY_API},
    "step_created": {"facts": {"stepName": STEP}, "payload": b"in"},
    "hook_created": {"facts": {"token": "another-token"}, "payload": b"metadata"},
    "hook_received": {"payload": b"payload"},
    "wait_created": {"facts": {"resumeAt": LATER}},
}
