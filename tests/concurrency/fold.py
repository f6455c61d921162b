"""What a run's log says about its entities, in plain Python: the second opinion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.support import Row, Session

Rows = dict[str, Row]
FINAL = {"run_completed", "run_failed", "run_cancelled"}


class Fold:
    """The rows of one run as its events make them, one event at a time."""

    def __init__(self) -> None:
        self.run: Row = {}
        self.steps: Rows = {}
        self.hooks: Rows = {}
        self.waits: Rows = {}
        self.attributes: dict[str, str] = {}
        self.writes: dict[str, int] = {}

    def add(self, event: Row) -> None:
        """Apply the next event of the log."""
        kind = event["event_type"].partition("_")[0]
        appliers: dict[str, Callable[[Row], None]] = {
            "run": self._run,
            "step": self._step,
            "hook": self._hook,
            "wait": self._wait,
            "attr": self._attr,
        }
        appliers[kind](event)
        self.run |= {"last_seq": event["seq"], "last_event_at": event["created_at"]}

    def _run(self, event: Row) -> None:
        at, facts = event["created_at"], _facts(event)
        match event["event_type"]:
            case "run_created":
                self.run = {
                    "status": "pending",
                    "spec_version": event["spec_version"],
                    "outcome_seq": None,
                    "created_at": at,
                    "started_at": None,
                    "completed_at": None,
                    "workflow_name": facts["workflowName"],
                    "deployment_id": facts["deploymentId"],
                }
                self.attributes = dict(facts.get("attributes", {}))
            case "run_started":
                self.run |= {"status": "running", "started_at": at}
            case final:
                self.run |= {
                    "status": final.removeprefix("run_"),
                    "completed_at": at,
                    "outcome_seq": event["seq"],
                }
                self._end(at)

    def _end(self, at: datetime) -> None:
        for hook in self.hooks.values():
            if hook["status"] == "live":
                hook |= {"status": "disposed", "disposed_at": at}
        for wait in self.waits.values():
            if wait["status"] == "waiting":
                wait["status"] = "cancelled"

    def _step(self, event: Row) -> None:
        at, seq, facts = event["created_at"], event["seq"], _facts(event)
        if event["event_type"] == "step_created":
            self.steps[event["correlation_id"]] = {
                "status": "pending",
                "spec_version": event["spec_version"],
                "attempt": 0,
                "input_seq": seq,
                "outcome_seq": None,
                "error_seq": None,
                "created_at": at,
                "started_at": None,
                "completed_at": None,
                "retry_after": None,
                "updated_at": at,
                "step_name": facts["stepName"],
            }
            return
        step = self.steps[event["correlation_id"]]
        step |= {"updated_at": at, "retry_after": None}
        match event["event_type"]:
            case "step_started":
                step |= {
                    "status": "running",
                    "attempt": step["attempt"] + 1,
                    "started_at": step["started_at"] or at,
                }
                assert facts["attempt"] == step["attempt"]
            case "step_retrying":
                later = facts.get("retryAfter")
                step |= {
                    "status": "pending",
                    "error_seq": seq,
                    "retry_after": later and _time(later),
                }
            case final:
                step |= {
                    "status": final.removeprefix("step_"),
                    "completed_at": at,
                    "outcome_seq": seq,
                }
                if final == "step_failed":
                    step["error_seq"] = seq

    def _hook(self, event: Row) -> None:
        at, facts = event["created_at"], _facts(event)
        match event["event_type"]:
            case "hook_created" | "hook_conflict" as created:
                self.hooks[event["correlation_id"]] = {
                    "status": "live" if created == "hook_created" else "conflict",
                    "spec_version": event["spec_version"],
                    "created_seq": event["seq"],
                    "created_at": at,
                    "disposed_at": None,
                    "token": facts["token"],
                }
            case "hook_disposed":
                hook = self.hooks[event["correlation_id"]]
                hook |= {"status": "disposed", "disposed_at": at}
            case _:
                assert self.hooks[event["correlation_id"]]["status"] == "live"

    def _wait(self, event: Row) -> None:
        at = event["created_at"]
        if event["event_type"] == "wait_created":
            self.waits[event["correlation_id"]] = {
                "status": "waiting",
                "spec_version": event["spec_version"],
                "resume_at": _time(event["facts"]["resumeAt"]),
                "created_at": at,
                "completed_at": None,
            }
        else:
            wait = self.waits[event["correlation_id"]]
            wait |= {"status": "completed", "completed_at": at}

    def _attr(self, event: Row) -> None:
        facts = _facts(event)
        for change in facts["changes"]:
            if change["value"] is None:
                self.attributes.pop(change["key"], None)
            else:
                self.attributes[change["key"]] = change["value"]
        if facts["writer"]["type"] == "workflow":
            self.writes[event["correlation_id"]] = event["seq"]


def _facts(event: Row) -> dict[str, Any]:
    return event["facts"] or {}


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def assert_sound(db: Session, run_id: str) -> None:
    """The log is dense and in order, it ends once, and the tables are its fold."""
    log = db.log(run_id)
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    times = [event["created_at"] for event in log]
    assert times == sorted(times)
    types = [event["event_type"] for event in log]
    assert types.count("run_created") == min(len(log), 1)
    assert sum(types.count(final) for final in FINAL) <= 1

    fold = Fold()
    for event in log:
        fold.add(event)
    runs = db.rows("select * from workflow_pg.runs where run_id = %s", run_id)
    assert [_like(run, fold.run) for run in runs] == [fold.run] * bool(log)
    assert _tables(db, run_id, fold) == (fold.steps, fold.hooks, fold.waits)
    assert _attributes(db, run_id) == (fold.attributes, fold.writes)
    # The database's own opinion, by other code.
    assert not log or db.call("verify_run", run_id=run_id) == []
    assert _tokens(db, run_id) == {
        hook["token"]: hook_id
        for hook_id, hook in fold.hooks.items()
        if hook["status"] == "live"
    }


def _tables(db: Session, run_id: str, fold: Fold) -> tuple[Rows, Rows, Rows]:
    steps = db.rows("select * from workflow_pg.steps where run_id = %s", run_id)
    hooks = db.rows("select * from workflow_pg.hooks where run_id = %s", run_id)
    waits = db.rows("select * from workflow_pg.waits where run_id = %s", run_id)
    return (
        {row["step_id"]: _like(row, fold.steps.get(row["step_id"])) for row in steps},
        {row["hook_id"]: _like(row, fold.hooks.get(row["hook_id"])) for row in hooks},
        {row["wait_id"]: _like(row, fold.waits.get(row["wait_id"])) for row in waits},
    )


def _attributes(db: Session, run_id: str) -> tuple[dict[str, str], dict[str, int]]:
    pairs = db.rows(
        "select * from workflow_pg.run_attributes where run_id = %s", run_id
    )
    writes = db.rows(
        "select * from workflow_pg_private.attribute_writes where run_id = %s", run_id
    )
    return (
        {row["key"]: row["value"] for row in pairs},
        {row["correlation_id"]: row["seq"] for row in writes},
    )


def _like(row: Row, model: dict[str, Any] | None) -> Row:
    """The columns of a row that the log speaks of."""
    return row if model is None else {name: row[name] for name in model}


def _tokens(db: Session, run_id: str) -> dict[str, str]:
    query = "select * from workflow_pg_private.hook_tokens where run_id = %s"
    return {row["token"]: row["hook_id"] for row in db.rows(query, run_id)}
