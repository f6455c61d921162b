"""What the tables say about a run is compared with what its log says."""

from __future__ import annotations

from typing import Any, LiteralString

import pytest

from tests.support import LATER, SETS, WORKFLOW, Session, new_run_id


def _busy_run(db: Session) -> str:
    """The id of a live run with one of everything in most states."""
    facts = {"workflowName": WORKFLOW, "deploymentId": "default"}
    run_id = db.new_run(facts=facts | {"attributes": {"size": "L"}})
    for step_id in ("step_1", "step_2", "step_3"):
        db.new_step(run_id, step_id)
    db.append(run_id, "step_started", "step_1")
    db.append(run_id, "step_retrying", "step_1", facts={"retryAfter": LATER})
    db.append(run_id, "step_started", "step_2")
    db.append(run_id, "step_completed", "step_2", payload=b"done")
    for hook_id in ("hook_1", "hook_2"):
        db.append(run_id, "hook_created", hook_id, facts={"token": hook_id + run_id})
    db.append(run_id, "hook_disposed", "hook_2")
    db.append(run_id, "hook_created", "hook_3", facts={"token": "hook_1" + run_id})
    for wait_id in ("wait_1", "wait_2"):
        db.append(run_id, "wait_created", wait_id, facts={"resumeAt": LATER})
    db.append(run_id, "wait_completed", "wait_1")
    db.append(run_id, "attr_set", "attr_1", facts=SETS)
    return run_id


def _verify(db: Session, run_id: str) -> list[tuple[str, str, Any, Any]]:
    found = db.call("verify_run", run_id=run_id)
    return [(r["entity"], r["entity_id"], r["expected"], r["found"]) for r in found]


def test_the_tables_agree_with_the_log_in_every_state(db: Session) -> None:
    run_id = _busy_run(db)
    assert _verify(db, run_id) == []
    db.append(run_id, "run_failed", payload=b"error")
    assert _verify(db, run_id) == []


def test_an_unknown_run_is_refused(db: Session) -> None:
    run_id = new_run_id()
    with db.refused("WF404", entity="run", run_id=run_id):
        db.call("verify_run", run_id=run_id)


PLANTED: list[tuple[LiteralString, str, str, Any, Any]] = [
    (
        "update workflow_pg.runs set started_at = null where run_id = %s",
        *("run", "{run}", {"started_at": ...}, {"started_at": None}),
    ),
    (
        "update workflow_pg.steps set attempt = 7 where run_id = %s"
        " and step_id = 'step_2'",
        *("step", "step_2", {"attempt": 1}, {"attempt": 7}),
    ),
    (
        "delete from workflow_pg.steps where run_id = %s and step_id = 'step_3'",
        *("step", "step_3", ..., None),
    ),
    (
        "update workflow_pg.steps set retry_after = null where run_id = %s"
        " and step_id = 'step_1'",
        *("step", "step_1", {"retry_after": ...}, {"retry_after": None}),
    ),
    (
        "update workflow_pg.hooks set status = 'conflict' where run_id = %s"
        " and hook_id = 'hook_1'",
        *("hook", "hook_1", {"status": "live"}, {"status": "conflict"}),
    ),
    (
        "delete from workflow_pg_private.hook_tokens where run_id = %s",
        *("token", "hook_1{run}", {"hook_id": "hook_1"}, None),
    ),
    (
        "update workflow_pg.waits set status = 'cancelled' where run_id = %s"
        " and wait_id = 'wait_2'",
        *("wait", "wait_2", {"status": "waiting"}, {"status": "cancelled"}),
    ),
    (
        "insert into workflow_pg.run_attributes values (%s, 'shade', 'dark')",
        *("attribute", "shade", None, ...),
    ),
    (
        "update workflow_pg_private.attribute_writes set seq = 1 where run_id = %s",
        *("attribute write", "attr_1", {"seq": ...}, {"seq": 1}),
    ),
    (
        "delete from workflow_pg.events where run_id = %s and seq = 2",
        *("log", "{run}", {"positions": ...}, {"positions": ...}),
    ),
]


def _is_like(found: Any, wanted: Any) -> bool:
    """Whether a value is the wanted one, where ... stands for anything."""
    if wanted is ...:
        return found is not None
    if isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(
            _is_like(found[name], wanted[name])
            for name in wanted  # pyright: ignore[reportUnknownVariableType]
        )
    return found == wanted


@pytest.mark.parametrize(
    ("statement", "entity", "entity_id", "expected", "found"), PLANTED
)
def test_what_hands_have_changed_is_found(
    db: Session,
    statement: LiteralString,
    entity: str,
    entity_id: str,
    expected: Any,
    found: Any,
) -> None:
    run_id = _busy_run(db)
    with db.conn.transaction(force_rollback=True):
        assert db.do(statement, run_id) == 1
        differing = _verify(db, run_id)
    wanted = (entity, entity_id.format(run=run_id))
    (row,) = [r for r in differing if r[:2] == wanted]
    assert _is_like(row[2], expected), row
    assert _is_like(row[3], found), row
    if entity != "log":
        assert differing == [row]


def test_a_log_without_its_run_is_found(db: Session) -> None:
    run_id = _busy_run(db)
    db.append(run_id, "run_failed")
    with db.conn.transaction(force_rollback=True):
        db.do("delete from workflow_pg.runs where run_id = %s", run_id)
        assert [(r[0], r[3]) for r in _verify(db, run_id)] == [("run", None)]
