"""Is what is here what the other database's own storage API has read there?"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.importing.real import Seen
from tests.support import Row, Session
from workflow_pg.importing.documents import PAYLOAD

# Not kept here: ours are told by the log, and nobody wrote the others.
_DROPPED = {"updatedAt", "ownerId", "projectId", "environment"}


def assert_alike(db: Session, there: Seen) -> None:
    """Run, steps, hooks, events and streams of one run, field by field."""
    run_id = there["run"]["runId"]
    events = _events(db, run_id)
    _assert_same_log(events, there["events"])
    assert _run(db, run_id) == _of_run(there)
    steps = db.call("list_steps", run_id=run_id)
    found = [
        _step(db.call("get_step", run_id=run_id, step_id=step["step_id"])[0], events)
        for step in steps
    ]
    wanted = [_plain(step) for step in there["steps"]]
    assert _by(found, "stepId") == _by(wanted, "stepId")
    hooks = [
        _hook(db.call("get_hook", run_id=run_id, hook_id=hook["hook_id"])[0])
        for hook in db.call("list_hooks", run_id=run_id)
    ]
    assert _by(hooks, "hookId") == _by(map(_plain, there["hooks"]), "hookId")
    assert _streams(db, run_id) == there["streams"]
    assert db.call("verify_run", run_id=run_id) == []


def _assert_same_log(found: list[Seen], there: list[Seen]) -> None:
    """One end is kept, times never go back, and what had no event comes last."""
    wanted: list[Seen] = []
    latest = ""
    for event in there:
        if event["eventType"] == "run_cancelled" and any(
            e["eventType"] == "run_cancelled" for e in wanted
        ):
            continue
        latest = max(latest, event["createdAt"]["$d"])
        data = {k: v for k, v in event.get("eventData", {}).items() if k != "attempt"}
        wanted.append(
            {
                "eventType": event["eventType"],
                "correlationId": event.get("correlationId"),
                "specVersion": event["specVersion"],
                "createdAt": {"$d": latest},
                "eventData": data,
            }
        )
    for here, was in zip(found, wanted, strict=False):
        assert here == was
    assert len(found) >= len(wanted)
    made = [event["eventType"] for event in found[len(wanted) :]]
    assert made in ([], ["attr_set"])


def _of_run(there: Seen) -> Seen:
    run = _plain(there["run"])
    ends = [
        e["eventData"] for e in there["events"] if e["eventType"] == "run_completed"
    ]
    # Its own reader takes a result like 0 for none.
    if ends and "output" in ends[0]:
        run["output"] = ends[0]["output"]
    run.setdefault("attributes", {})
    return run


def _plain(entity: Seen) -> Seen:
    return {key: value for key, value in entity.items() if key not in _DROPPED}


def _by(entities: Any, key: str) -> dict[str, Seen]:
    return {entity[key]: entity for entity in entities}


def _run(db: Session, run_id: str) -> Seen:
    (run,) = db.call("get_run", run_id=run_id)
    error = _value(run["error_codec"], run["error"])
    if error is not None and "$b" not in error:
        # 4.x, whose SDKs write text and get {message, code} back.
        error = {"message": error, "code": run["error_code"]}
        run["error_code"] = None
    return _present(
        {
            "runId": run_id,
            "status": run["status"],
            "deploymentId": run["deployment_id"],
            "workflowName": run["workflow_name"],
            "specVersion": run["spec_version"],
            "executionContext": run["execution_context"],
            "attributes": run["attributes"],
            "input": _value(run["input_codec"], run["input"]),
            "output": _value(run["output_codec"], run["output"]),
            "error": error,
            "errorCode": run["error_code"],
            "createdAt": run["created_at"],
            "startedAt": run["started_at"],
            "completedAt": run["completed_at"],
        }
    )


def _step(step: Row, events: list[Seen]) -> Seen:
    error = _value(step["error_codec"], step["error"])
    if error is not None and "$b" not in error:
        told = [e for e in events if e["correlationId"] == step["step_id"]]
        stack = [e["eventData"]["stack"] for e in told if "stack" in e["eventData"]][-1]
        error = {"message": error, "stack": stack}
    return _present(
        {
            "runId": step["run_id"],
            "stepId": step["step_id"],
            "stepName": step["step_name"],
            "status": step["status"],
            "attempt": step["attempt"],
            "specVersion": step["spec_version"],
            "input": _value(step["input_codec"], step["input"]),
            "output": _value(step["output_codec"], step["output"]),
            "error": error,
            "createdAt": step["created_at"],
            "startedAt": step["started_at"],
            "completedAt": step["completed_at"],
            "retryAfter": step["retry_after"],
        }
    )


def _hook(hook: Row) -> Seen:
    return _present(
        {
            "runId": hook["run_id"],
            "hookId": hook["hook_id"],
            "token": hook["token"],
            "specVersion": hook["spec_version"],
            "isWebhook": hook["is_webhook"],
            # The older tables do not know it.
            "isSystem": hook["is_system"] if hook["spec_version"] > 3 else None,
            "metadata": _value(hook["metadata_codec"], hook["metadata"]),
            "createdAt": hook["created_at"],
        }
    )


def _events(db: Session, run_id: str) -> list[Seen]:
    rows = db.call("list_events", run_id=run_id)
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    found: list[Seen] = []
    starts: dict[str, int] = {}
    for row in rows:
        data = dict(row["facts"] or {})
        if row["event_type"] == "step_started":
            step = row["correlation_id"]
            starts[step] = starts.get(step, 0) + 1
            assert data.pop("attempt") == starts[step]
        for name in ("resumeAt", "retryAfter"):
            if name in data:
                data[name] = _tagged(datetime.fromisoformat(data[name]))
        payload = _value(row["codec"], row["payload"])
        if row["payload"] is not None:
            data[PAYLOAD[row["event_type"]]] = payload
        found.append(
            {
                "eventType": row["event_type"],
                "correlationId": row["correlation_id"],
                "specVersion": row["spec_version"],
                "createdAt": _tagged(row["created_at"]),
                "eventData": data,
            }
        )
    return found


def _streams(db: Session, run_id: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for stream in db.call("list_streams", run_id=run_id):
        (page,) = db.call("read_stream", run_id=run_id, name=stream["name"])
        chunks = [_tagged(chunk) for chunk in page["chunks"]]
        found[stream["name"]] = {"chunks": chunks, "done": page["is_closed"]}
    return found


def _present(entity: Mapping[str, Any]) -> Seen:
    return {k: _tagged(v) for k, v in entity.items() if v is not None}


def _value(codec: str | None, payload: bytes | None) -> Any:
    if payload is None:
        return None
    return json.loads(payload) if codec == "json" else _tagged(payload)


def _tagged(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"$b": b64encode(value).decode()}
    if isinstance(value, datetime):
        text = value.astimezone(UTC).isoformat(timespec="milliseconds")
        return {"$d": text.replace("+00:00", "Z")}
    return value
