"""The JSON door: functions `json_*`, one SQL call for each operation."""

from __future__ import annotations

import json
from typing import Any, cast

from psycopg.sql import SQL, Identifier

from tests.door.wire import Json
from tests.doors.door import DEPLOYMENT
from tests.doors.protocol import Protocol
from tests.doors.shapes import as_hook, packed, unpacked
from tests.doors.statements import refusals
from tests.doors.values import Delivery, Hook, Page, Paging
from tests.support import STEP, WORKFLOW, Session

FUNCTIONS = {
    "events.create": "json_create_event",
    "events.createBatch": "json_create_events",
    "events.list": "json_list_events",
    "runs.get": "json_get_run",
    "runs.getMany": "json_get_runs",
    "runs.list": "json_list_runs",
    "runs.cancelMany": "json_cancel_runs",
    "runs.experimentalSetAttributes": "json_set_attributes",
    "steps.get": "json_get_step",
    "steps.list": "json_list_steps",
    "hooks.getByToken": "json_get_hook_by_token",
    "hooks.list": "json_list_hooks",
    "streams.writeMulti": "json_write_stream",
    "streams.close": "json_close_stream",
    "streams.getChunks": "json_read_stream",
    "streams.getInfo": "json_get_stream_info",
    "streams.list": "json_list_streams",
    "queue": "json_send_message",
}


class JsonDoor(Protocol):
    """Calls of the functions by plain statements."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def call(self, operation: str, *arguments: Any) -> Any:
        return self._ask(FUNCTIONS[operation], *arguments)

    def _ask(self, function: str, *arguments: Any) -> Any:
        query = SQL("select workflow_pg.{}({}) as answer").format(
            Identifier(function), SQL(", ").join(map(_place, arguments))
        )
        told = [json.dumps(packed(a)) if _is_json(a) else a for a in arguments]
        with refusals():
            (row,) = self._db.conn.execute(query, told).fetchall()
        return unpacked(row["answer"])

    def get_hook(self, run_id: str, hook_id: str) -> Hook:
        return as_hook(self._ask("json_get_hook", run_id, hook_id))

    def list_waits(self, run_id: str, paging: Paging) -> Page[tuple[str, str]]:
        order = "asc" if paging.ascending else "desc"
        pagination = {"limit": paging.limit, "sortOrder": order}
        if paging.cursor is not None:
            pagination["cursor"] = paging.cursor
        page = self._ask("json_list_waits", {"runId": run_id, "pagination": pagination})
        ids = [wait["waitId"].removeprefix(f"{run_id}-") for wait in page["data"]]
        statuses = [wait["status"] for wait in page["data"]]
        return Page(list(zip(ids, statuses, strict=True)), page["cursor"])

    def claim_messages(self, worker_id: str, lease_seconds: int) -> list[Delivery]:
        told: Json = {
            "workerId": worker_id,
            "deploymentId": DEPLOYMENT,
            "workflows": [WORKFLOW],
            "steps": [STEP],
            "limit": 10,
            "leaseSeconds": lease_seconds,
        }
        return [
            Delivery(
                run_id=one["runId"],
                message_id=one["messageId"],
                kind=one["kind"],
                attempt=one["attempt"],
                note=one["message"].get("note"),
                held=one,
            )
            for one in self._ask("json_claim_messages", told)
        ]

    def extend_lease(self, delivery: Delivery, lease_seconds: int) -> bool:
        told = {"leaseSeconds": lease_seconds}
        return bool(self._ask("json_extend_leases", [delivery.held], told)["held"])

    def release_message(self, delivery: Delivery) -> None:
        self._ask("json_release_message", delivery.held, {})

    def ack_message(self, delivery: Delivery) -> None:
        self._ask("json_ack_message", delivery.held)


def _is_json(value: object) -> bool:
    """Objects, and arrays of objects; other arrays are arrays of SQL."""
    if isinstance(value, list):
        held = cast("list[object]", value)
        return all(isinstance(one, dict) for one in held)
    return isinstance(value, dict)


def _place(value: object) -> SQL:
    return SQL("%s::jsonb" if _is_json(value) else "%s")
