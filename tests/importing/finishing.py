"""Finishes a live run by the verbs, as a service without an SDK would."""

from __future__ import annotations

from tests.support import Session


def finish(db: Session, run_id: str) -> None:
    """Complete its steps and waits, resume its hooks, then complete it."""
    db.call("start_run", run_id=run_id)
    for step in db.call("list_steps", run_id=run_id):
        if step["completed_at"] is None:
            told = {"run_id": run_id, "step_id": step["step_id"], "result": b"done"}
            db.call("complete_step", **told)
    for hook in db.call("list_hooks", run_id=run_id):
        told = {"token": hook["token"], "payload": b"{}", "codec": "json"}
        db.call("resume_hook", **told)
    waits = (
        "select wait_id from workflow_pg.waits where run_id = %s and status = 'waiting'"
    )
    for wait in db.rows(waits, run_id):
        db.call("complete_wait", run_id=run_id, wait_id=wait["wait_id"])
    db.call("complete_run", run_id=run_id, output=b"done")
    assert db.call("verify_run", run_id=run_id) == []
