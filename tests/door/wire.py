"""Calls of the JSON door, and values as the protocol writes them."""

from __future__ import annotations

import base64
import json
from typing import Any

from psycopg.sql import SQL, Identifier

from tests.support import WORKFLOW, Session, new_run_id

Json = dict[str, Any]

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def tagged(data: bytes) -> Json:
    """Bytes as the protocol has them in JSON."""
    return {"__type": "Uint8Array", "data": base64.b64encode(data).decode()}


def untagged(value: Json) -> bytes:
    """The bytes of what `tagged` makes; strict about the alphabet."""
    assert value["__type"] == "Uint8Array"
    return base64.b64decode(value["data"], validate=True)


def create(
    db: Session,
    run_id: str | None,
    event_type: str,
    correlation_id: str | None = None,
    data: Json | None = None,
    params: Json | None = None,
    *,
    payload: bytes | None = None,
    **event: Any,
) -> Json:
    """The result of json_create_event."""
    event["eventType"] = event_type
    if correlation_id is not None:
        event["correlationId"] = correlation_id
    if data is not None:
        event["eventData"] = data
    return db.value(
        "select workflow_pg.json_create_event(%s, %s::jsonb, %s::jsonb, %s)",
        run_id,
        json.dumps(event),
        None if params is None else json.dumps(params),
        payload,
    )


def door(db: Session, function: str, *arguments: object) -> Any:
    """The result of a function of the door; objects and arrays become jsonb."""
    told = [
        json.dumps(value) if isinstance(value, dict | list) else value
        for value in arguments
    ]
    casts = [
        SQL("%s::jsonb" if isinstance(value, dict | list) else "%s")
        for value in arguments
    ]
    query = SQL("select workflow_pg.{}({}) as result").format(
        Identifier(function), SQL(", ").join(casts)
    )
    (row,) = db.conn.execute(query, told).fetchall()
    return row["result"]


def new_run(db: Session, **event: Any) -> str:
    """The id of a run that was created and started through the door."""
    run_id = new_run_id()
    data = {"workflowName": WORKFLOW, "deploymentId": "ts", "input": tagged(b"in")}
    create(db, run_id, "run_created", data=data, **event)
    create(db, run_id, "run_started")
    return run_id
