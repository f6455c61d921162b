"""The door of SQL: the named verbs, called by plain statements."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from tests.doors.door import DEPLOYMENT, Door
from tests.doors.rows import (
    delivery_of,
    event_of,
    first_chunks,
    hook_of,
    page_of,
    run_of,
    step_of,
)
from tests.doors.statements import Statements
from tests.doors.values import (
    Delivery,
    Entry,
    Event,
    Hook,
    Page,
    Paging,
    Run,
    Step,
)
from tests.support import STEP, WORKFLOW


class Verbs(Statements, Door):
    """Plain SQL over psycopg."""

    def create_run(
        self,
        run_id: str,
        input: bytes,
        *,
        attributes: Mapping[str, str] | None = None,
        spec_version: int = 7,
    ) -> None:
        self.rows(
            "create_run",
            run_id=run_id,
            workflow_name=WORKFLOW,
            input=input,
            deployment_id=DEPLOYMENT,
            attributes=attributes,
            spec_version=spec_version,
        )

    def start_run(self, run_id: str) -> Run:
        return run_of(self.row("start_run", run_id=run_id))

    def complete_run(self, run_id: str, output: bytes) -> None:
        self.rows("complete_run", run_id=run_id, output=output)

    def fail_run(self, run_id: str, error: bytes, code: str) -> None:
        self.rows("fail_run", run_id=run_id, error=error, error_code=code)

    def cancel_run(self, run_id: str, reason: str | None = None) -> None:
        self.rows("cancel_run", run_id=run_id, reason=reason)

    def cancel_runs(self, run_ids: Sequence[str]) -> list[str]:
        rows = self.rows("cancel_runs", run_ids=list(run_ids))
        return [row["outcome"] for row in rows]

    def set_attributes(self, run_id: str, changes: Mapping[str, str | None]) -> None:
        told = [{"key": key, "value": value} for key, value in changes.items()]
        self.rows("set_attributes", run_id=run_id, changes=Jsonb(told))

    def get_run(self, run_id: str) -> Run:
        return run_of(self.row("get_run", run_id=run_id))

    def get_runs(self, run_ids: Sequence[str]) -> list[Run | None]:
        rows = self.rows("get_runs", run_ids=list(run_ids))
        return [None if row["run_id"] is None else run_of(row) for row in rows]

    def list_runs(
        self, paging: Paging, *, attributes: Mapping[str, str] | None = None
    ) -> Page[str]:
        rows = self.rows(
            "list_runs",
            attributes=attributes,
            limit=paging.limit,
            cursor=paging.cursor,
            ascending=paging.ascending,
        )
        return page_of(rows, lambda row: row["run_id"])

    def create_step(self, run_id: str, step_id: str, input: bytes) -> None:
        self.rows(
            "create_step", run_id=run_id, step_id=step_id, step_name=STEP, input=input
        )

    def start_step(self, run_id: str, step_id: str) -> Step:
        return step_of(self.row("start_step", run_id=run_id, step_id=step_id))

    def start_new_step(self, run_id: str, step_id: str, input: bytes) -> Step:
        row = self.row(
            "start_new_step",
            run_id=run_id,
            step_id=step_id,
            step_name=STEP,
            input=input,
        )
        return step_of(row)

    def retry_step(
        self, run_id: str, step_id: str, error: bytes, retry_after: datetime
    ) -> None:
        self.rows(
            "retry_step",
            run_id=run_id,
            step_id=step_id,
            error=error,
            retry_after=retry_after,
        )

    def complete_step(self, run_id: str, step_id: str, result: bytes) -> None:
        self.rows("complete_step", run_id=run_id, step_id=step_id, result=result)

    def fail_step(self, run_id: str, step_id: str, error: bytes) -> None:
        self.rows("fail_step", run_id=run_id, step_id=step_id, error=error)

    def get_step(self, run_id: str, step_id: str) -> Step:
        return step_of(self.row("get_step", run_id=run_id, step_id=step_id))

    def list_steps(self, run_id: str, paging: Paging) -> Page[str]:
        rows = self.listed("list_steps", run_id, paging)
        return page_of(rows, lambda row: row["step_id"])

    def create_hook(
        self, run_id: str, hook_id: str, token: str, metadata: bytes | None = None
    ) -> str | None:
        reply = self.row(
            "create_hook",
            run_id=run_id,
            hook_id=hook_id,
            token=token,
            metadata=metadata,
            is_webhook=False,
        )
        return reply["conflicting_run_id"]

    def receive_hook(
        self, run_id: str, hook_id: str, payload: bytes, resume_id: str | None = None
    ) -> None:
        self.rows(
            "receive_hook",
            run_id=run_id,
            hook_id=hook_id,
            payload=payload,
            resume_id=resume_id,
        )

    def dispose_hook(self, run_id: str, hook_id: str) -> None:
        self.rows("dispose_hook", run_id=run_id, hook_id=hook_id)

    def get_hook(self, run_id: str, hook_id: str) -> Hook:
        return hook_of(self.row("get_hook", run_id=run_id, hook_id=hook_id))

    def get_hook_by_token(self, token: str) -> Hook:
        return hook_of(self.row("get_hook_by_token", token=token))

    def list_hooks(self, run_id: str, paging: Paging) -> Page[str]:
        rows = self.listed("list_hooks", run_id, paging)
        return page_of(rows, lambda row: row["hook_id"])

    def create_wait(self, run_id: str, wait_id: str, resume_at: datetime) -> None:
        self.rows("create_wait", run_id=run_id, wait_id=wait_id, resume_at=resume_at)

    def complete_wait(self, run_id: str, wait_id: str) -> None:
        self.rows("complete_wait", run_id=run_id, wait_id=wait_id)

    def list_waits(self, run_id: str, paging: Paging) -> Page[tuple[str, str]]:
        rows = self.listed("list_waits", run_id, paging)
        return page_of(rows, lambda row: (row["wait_id"], row["status"]))

    def append_events(self, run_id: str, entries: Sequence[Entry]) -> list[int]:
        facts = [None if e.facts is None else Jsonb(e.facts) for e in entries]
        rows = self.rows(
            "append_events",
            run_id=run_id,
            event_types=[entry.type for entry in entries],
            correlation_ids=[entry.correlation_id for entry in entries],
            facts=facts,
            payloads=[entry.payload for entry in entries],
        )
        return [row["status"] for row in rows]

    def list_events(self, run_id: str, paging: Paging) -> Page[Event]:
        return page_of(self.listed("list_events", run_id, paging), event_of, "event_id")

    def write_stream(self, run_id: str, name: str, chunks: Sequence[bytes]) -> None:
        self.rows("write_stream", run_id=run_id, name=name, chunks=list(chunks))

    def close_stream(self, run_id: str, name: str) -> None:
        self.rows("close_stream", run_id=run_id, name=name)

    def read_stream(
        self, run_id: str, name: str, start: int
    ) -> tuple[list[tuple[int, bytes]], bool]:
        page = self.row("read_stream", run_id=run_id, name=name, start=start)
        return first_chunks(
            page["first_index"], page["chunks"], is_closed=page["is_closed"]
        )

    def get_stream(self, run_id: str, name: str) -> tuple[int, bool]:
        stream = self.row("get_stream", run_id=run_id, name=name)
        return stream["tail_index"], stream["closed_at"] is not None

    def list_streams(self, run_id: str) -> list[str]:
        return [row["name"] for row in self.rows("list_streams", run_id=run_id)]

    def send_message(self, run_id: str, note: str, key: str) -> str:
        reply = self.row(
            "send_message",
            run_id=run_id,
            kind="custom",
            body=json.dumps({"runId": run_id, "note": note}).encode(),
            codec="json",
            idempotency_key=key,
        )
        return reply["send_message"]

    def claim_messages(self, worker_id: str, lease_seconds: int) -> list[Delivery]:
        rows = self.rows(
            "claim_messages",
            worker_id=worker_id,
            workflows=[WORKFLOW],
            steps=[STEP],
            limit=10,
            deployment_id=DEPLOYMENT,
            lease=timedelta(seconds=lease_seconds),
        )
        return [delivery_of(row, row["lease_token"]) for row in rows]

    def extend_lease(self, delivery: Delivery, lease_seconds: int) -> bool:
        held = self.rows(
            "renew_leases",
            run_ids=[delivery.run_id],
            message_ids=[delivery.message_id],
            lease_tokens=[delivery.held],
            lease=timedelta(seconds=lease_seconds),
        )
        return bool(held)

    def release_message(self, delivery: Delivery) -> None:
        self._settle("release_message", delivery)

    def ack_message(self, delivery: Delivery) -> None:
        self._settle("ack_message", delivery)

    def _settle(self, function: str, delivery: Delivery) -> None:
        self.rows(
            function,
            run_id=delivery.run_id,
            message_id=delivery.message_id,
            lease_token=delivery.held,
        )
