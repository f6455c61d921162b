"""The present of a run, computed from its log and, to compare, read from its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from tests.support import Row, Session

Present = dict[str, dict[str, Row]]
"""Entities by kind and id; the one run has the id ''."""


def fold(log: Iterable[Row]) -> Present:
    """What the events of one run, in their order, have made of it."""
    present: Present = {"run": {}, "step": {}, "hook": {}, "wait": {}}
    for event in log:
        if event["event_type"] in _RUN:
            _RUN[event["event_type"]](present, event)
        else:
            _OTHER[event["event_type"]](present, event)
        present["run"][""]["last_seq"] = event["seq"]
        present["run"][""]["last_event_at"] = event["created_at"]
    return present


def _create_run(present: Present, event: Row) -> None:
    present["run"][""] = {
        "status": "pending",
        "spec_version": event["spec_version"],
        "outcome_seq": None,
        "created_at": event["created_at"],
        "started_at": None,
        "completed_at": None,
        "workflow_name": event["facts"]["workflowName"],
        "deployment_id": event["facts"]["deploymentId"],
    }


def _start_run(present: Present, event: Row) -> None:
    present["run"][""] |= {"status": "running", "started_at": event["created_at"]}


def _end_run(present: Present, event: Row) -> None:
    present["run"][""] |= {
        "status": event["event_type"].removeprefix("run_"),
        "outcome_seq": event["seq"],
        "completed_at": event["created_at"],
    }
    for hook in present["hook"].values():
        if hook["status"] == "live":
            hook |= {"status": "disposed", "disposed_at": event["created_at"]}
    for wait in present["wait"].values():
        if wait["status"] == "waiting":
            wait["status"] = "cancelled"


def _create_step(present: Present, event: Row) -> None:
    present["step"][event["correlation_id"]] = {
        "status": "pending",
        "spec_version": event["spec_version"],
        "attempt": 0,
        "input_seq": event["seq"],
        "outcome_seq": None,
        "error_seq": None,
        "created_at": event["created_at"],
        "updated_at": event["created_at"],
        "started_at": None,
        "completed_at": None,
        "retry_after": None,
        "step_name": event["facts"]["stepName"],
    }


def _start_step(present: Present, event: Row) -> None:
    step = present["step"][event["correlation_id"]]
    step["attempt"] += 1
    step["started_at"] = step["started_at"] or event["created_at"]
    step |= {"status": "running", "retry_after": None}
    step["updated_at"] = event["created_at"]


def _retry_step(present: Present, event: Row) -> None:
    facts: Row = event["facts"] or {}
    retry_after: str | None = facts.get("retryAfter")
    present["step"][event["correlation_id"]] |= {
        "status": "pending",
        "error_seq": event["seq"],
        "updated_at": event["created_at"],
        "retry_after": datetime.fromisoformat(retry_after) if retry_after else None,
    }


def _end_step(present: Present, event: Row) -> None:
    step = present["step"][event["correlation_id"]]
    step |= {
        "status": event["event_type"].removeprefix("step_"),
        "outcome_seq": event["seq"],
        "updated_at": event["created_at"],
        "completed_at": event["created_at"],
        "retry_after": None,
    }
    if event["event_type"] == "step_failed":
        step["error_seq"] = event["seq"]


def _create_hook(present: Present, event: Row) -> None:
    is_live = event["event_type"] == "hook_created"
    present["hook"][event["correlation_id"]] = {
        "status": "live" if is_live else "conflict",
        "spec_version": event["spec_version"],
        "created_seq": event["seq"],
        "created_at": event["created_at"],
        "disposed_at": None,
        "token": event["facts"]["token"],
    }


def _dispose_hook(present: Present, event: Row) -> None:
    present["hook"][event["correlation_id"]] |= {
        "status": "disposed",
        "disposed_at": event["created_at"],
    }


def _create_wait(present: Present, event: Row) -> None:
    present["wait"][event["correlation_id"]] = {
        "status": "waiting",
        "spec_version": event["spec_version"],
        "resume_at": datetime.fromisoformat(event["facts"]["resumeAt"]),
        "created_at": event["created_at"],
        "completed_at": None,
    }


def _complete_wait(present: Present, event: Row) -> None:
    present["wait"][event["correlation_id"]] |= {
        "status": "completed",
        "completed_at": event["created_at"],
    }


def _nothing(present: Present, event: Row) -> None:
    pass


_Move = Callable[[Present, Row], None]
_RUN: dict[str, _Move] = {
    "run_created": _create_run,
    "run_started": _start_run,
    "run_completed": _end_run,
    "run_failed": _end_run,
    "run_cancelled": _end_run,
}
_OTHER: dict[str, _Move] = {
    "step_created": _create_step,
    "step_started": _start_step,
    "step_retrying": _retry_step,
    "step_completed": _end_step,
    "step_failed": _end_step,
    "hook_created": _create_hook,
    "hook_conflict": _create_hook,
    "hook_received": _nothing,
    "hook_disposed": _dispose_hook,
    "wait_created": _create_wait,
    "wait_completed": _complete_wait,
}


def stored(db: Session, run_id: str) -> Present:
    """The same, as the tables have it."""
    found: dict[str, list[Row]] = {
        "run": db.rows("select * from workflow_pg.runs where run_id = %s", run_id),
        "step": db.rows("select * from workflow_pg.steps where run_id = %s", run_id),
        "hook": db.rows("select * from workflow_pg.hooks where run_id = %s", run_id),
        "wait": db.rows("select * from workflow_pg.waits where run_id = %s", run_id),
    }
    # What the log does not say: names of queues, timers that have rung, and the like.
    left_out = {"run_id", "queue_name", "is_woken", "is_webhook", "is_system"}
    return {
        kind: {
            row.get(f"{kind}_id", "") if kind != "run" else "": {
                name: value
                for name, value in row.items()
                if name not in left_out | {f"{kind}_id"}
            }
            for row in rows
        }
        for kind, rows in found.items()
    }


def assert_sound(db: Session, run_id: str) -> None:
    """The log is dense and in the order of time, and the tables are its fold."""
    log = db.log(run_id)
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    times = [event["created_at"] for event in log]
    assert times == sorted(times)
    assert stored(db, run_id) == fold(log)
    tokens = db.rows(
        "select token, hook_id from workflow_pg_private.hook_tokens"
        " where run_id = %s order by hook_id",
        run_id,
    )
    hooks = sorted(fold(log)["hook"].items())
    live = [(hook["token"], id_) for id_, hook in hooks if hook["status"] == "live"]
    assert [(row["token"], row["hook_id"]) for row in tokens] == live
