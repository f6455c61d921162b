"""A run as ``workflow_pg.import_run`` takes it, out of another database's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow_pg.importing.values import Payloads, event_data, fact, iso

__all__ = ["Rows", "document_of"]

Row = Mapping[str, Any]

# Which part of an event's data is the user's.
PAYLOAD = {
    "run_created": "input",
    "run_completed": "output",
    "run_failed": "error",
    "step_created": "input",
    "step_completed": "result",
    "step_failed": "error",
    "step_retrying": "error",
    "hook_created": "metadata",
    "hook_received": "payload",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """All rows of a run but its streams."""

    run: Row
    steps: Sequence[Row]
    hooks: Sequence[Row]
    waits: Sequence[Row]
    events: Sequence[Row]


def document_of(rows: Rows) -> tuple[dict[str, Any], list[bytes]]:
    """The document and its payloads.

    Raises:
        CodecError: A value cannot be decoded; it says whose.
    """
    payloads = Payloads()
    run_id = rows.run["id"]
    document = {
        "run": _run(rows.run, payloads),
        "steps": [_step(row, payloads) for row in rows.steps],
        "hooks": [_hook(row, payloads) for row in rows.hooks],
        "waits": [_wait(row, run_id) for row in rows.waits],
        "events": [_event(row, payloads) for row in rows.events],
    }
    return document, payloads.all


def _run(row: Row, payloads: Payloads) -> dict[str, Any]:
    context = event_data(row["execution_context"], row["execution_context_cbor"])
    facts = {
        "deploymentId": row["deployment_id"],
        "workflowName": row["name"],
        **({"executionContext": fact(context)} if context else {}),
    }
    if row["encryption_public_key"] is not None:
        facts["encryptionPublicKey"] = row["encryption_public_key"]
    return {
        "run_id": row["id"],
        "workflow_name": row["name"],
        "deployment_id": row["deployment_id"],
        "spec_version": max(row["spec_version"] or 1, 1),
        "facts": facts,
        # The older tables have none, which is not the same as an empty object.
        **({} if row["attributes"] is None else {"attributes": row["attributes"]}),
        "error_code": row["error_code"],
        **_outcome(row, payloads),
    }


def _step(row: Row, payloads: Payloads) -> dict[str, Any]:
    return {
        "step_id": row["step_id"],
        "step_name": row["step_name"],
        "spec_version": row["spec_version"],
        "attempt": row["attempt"],
        "retry_after": iso(row["retry_after"]),
        **_outcome(row, payloads),
    }


def _outcome(row: Row, payloads: Payloads) -> dict[str, Any]:
    has_error = row["error_cbor"] is not None
    return {
        "status": row["status"],
        "created_at": iso(row["created_at"]),
        "updated_at": iso(row["updated_at"]),
        "started_at": iso(row["started_at"]),
        "completed_at": iso(row["completed_at"]),
        "input": payloads.put_column(row["input"], row["input_cbor"]),
        "output": payloads.put_column(row["output"], row["output_cbor"]),
        "error": payloads.put_column(None, row["error_cbor"]),
        "error_text": None if has_error else row["error"],
    }


def _hook(row: Row, payloads: Payloads) -> dict[str, Any]:
    return {
        "hook_id": row["hook_id"],
        "token": row["token"],
        "spec_version": row["spec_version"],
        "is_webhook": row["is_webhook"],
        "is_system": row["is_system"],
        "created_at": iso(row["created_at"]),
        "metadata": payloads.put_column(row["metadata"], row["metadata_cbor"]),
    }


def _wait(row: Row, run_id: str) -> dict[str, Any]:
    return {
        # There it has the id of the run in front.
        "wait_id": row["wait_id"].removeprefix(f"{run_id}-"),
        "status": row["status"],
        "spec_version": row["spec_version"],
        "resume_at": iso(row["resume_at"]),
        "created_at": iso(row["created_at"]),
        "completed_at": iso(row["completed_at"]),
    }


def _event(row: Row, payloads: Payloads) -> dict[str, Any]:
    data = event_data(row["payload"], row["payload_cbor"])
    name = PAYLOAD.get(row["type"])
    payload = payloads.put(data.pop(name)) if name in data else None
    return {
        "id": row["id"],
        "type": row["type"],
        "correlation_id": row["correlation_id"],
        "spec_version": row["spec_version"],
        "created_at": iso(row["created_at"]),
        "facts": fact(data) if data else None,
        "codec": payload and payload["codec"],
        "payload_at": payload and payload["at"],
    }
