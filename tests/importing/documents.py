"""Documents of import_run, written by hand."""

from __future__ import annotations

from typing import Any

from tests.support import STEP, WORKFLOW, new_run_id

AT = "2025-01-01T00:00:0{}.000Z"
Document = dict[str, Any]


def document(
    *events: tuple[str, str | None, dict[str, Any] | None], **run: Any
) -> Document:
    """A run whose events come one second after the other: type, id, facts."""
    row: dict[str, Any] = {
        "run_id": new_run_id(),
        "workflow_name": WORKFLOW,
        "deployment_id": "default",
        "status": "running",
        "spec_version": 5,
        "facts": {"workflowName": WORKFLOW, "deploymentId": "default"},
        "created_at": AT.format(0),
        "updated_at": AT.format(9),
        "started_at": None if run.get("status") == "pending" else AT.format(1),
        **run,
    }
    if row["status"] not in {"pending", "running"}:
        row.setdefault("completed_at", AT.format(9))
    listed = [
        {
            "id": f"wevt_{n}",
            "type": type_,
            "correlation_id": correlation_id,
            "created_at": AT.format(n),
            "spec_version": row["spec_version"],
            "facts": row["facts"] if type_ == "run_created" else facts,
        }
        for n, (type_, correlation_id, facts) in enumerate(events)
    ]
    return {"run": row, "steps": [], "hooks": [], "waits": [], "events": listed}


def step(status: str, **columns: Any) -> Document:
    """The row of a step."""
    is_over = status in {"completed", "failed", "cancelled"}
    return {
        "step_id": "step_1",
        "step_name": STEP,
        "status": status,
        "spec_version": 5,
        "attempt": 0,
        "created_at": AT.format(2),
        "updated_at": AT.format(3),
        "completed_at": AT.format(3) if is_over else None,
        **columns,
    }


def hook(token: str, **columns: Any) -> Document:
    """The row of a live hook."""
    return {
        "hook_id": "hook_1",
        "token": token,
        "spec_version": 5,
        "created_at": AT.format(2),
        **columns,
    }
