"""The doors that speak the protocol of `@workflow/world`: its operations and shapes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.door.wire import Json
from tests.doors.door import DEPLOYMENT, Door
from tests.doors.shapes import PAYLOADS, as_entry, as_event, as_hook, as_run, as_step
from tests.doors.values import Entry, Event, Hook, Page, Paging, Run, Step
from tests.support import STEP, WORKFLOW


class Protocol(Door):
    """What a call is and what it answers; how it is made is said by a subclass."""

    @abstractmethod
    def call(self, operation: str, *arguments: Any) -> Any:
        """The result of an operation, as `events.create`; bytes are bytes in both."""

    def _append(
        self,
        run_id: str,
        event_type: str,
        correlation_id: str | None = None,
        payload: bytes | None = None,
        params: Json | None = None,
        *,
        spec_version: int = 7,
        **data: object,
    ) -> Json:
        event: Json = {"eventType": event_type, "specVersion": spec_version}
        event |= _some(correlationId=correlation_id)
        data = _some(**data)
        if payload is not None:
            data[PAYLOADS[event_type]] = payload
        if data:
            event["eventData"] = data
        return self.call("events.create", run_id, event, params or {})

    def create_run(
        self,
        run_id: str,
        input: bytes,
        *,
        attributes: Mapping[str, str] | None = None,
        spec_version: int = 7,
    ) -> None:
        self._append(
            run_id,
            "run_created",
            payload=input,
            spec_version=spec_version,
            workflowName=WORKFLOW,
            deploymentId=DEPLOYMENT,
            attributes=attributes,
        )

    def start_run(self, run_id: str) -> Run:
        return as_run(self._append(run_id, "run_started")["run"])

    def complete_run(self, run_id: str, output: bytes) -> None:
        self._append(run_id, "run_completed", payload=output)

    def fail_run(self, run_id: str, error: bytes, code: str) -> None:
        self._append(run_id, "run_failed", payload=error, errorCode=code)

    def cancel_run(self, run_id: str, reason: str | None = None) -> None:
        self._append(run_id, "run_cancelled", cancelReason=reason)

    def cancel_runs(self, run_ids: Sequence[str]) -> list[str]:
        answer = self.call("runs.cancelMany", {"runIds": list(run_ids)})
        return [one["outcome"] for one in answer["results"]]

    def set_attributes(self, run_id: str, changes: Mapping[str, str | None]) -> None:
        told = [{"key": key, "value": value} for key, value in changes.items()]
        self.call("runs.experimentalSetAttributes", run_id, told, {})

    def get_run(self, run_id: str) -> Run:
        return as_run(self.call("runs.get", run_id, {}))

    def get_runs(self, run_ids: Sequence[str]) -> list[Run | None]:
        return [
            run and as_run(run) for run in self.call("runs.getMany", list(run_ids), {})
        ]

    def list_runs(
        self, paging: Paging, *, attributes: Mapping[str, str] | None = None
    ) -> Page[str]:
        return self._list("runs.list", "runId", paging, **_some(attributes=attributes))

    def _list(
        self, operation: str, key: str, paging: Paging, **which: object
    ) -> Page[str]:
        page = self.call(operation, _paged(paging, **which))
        return Page([item[key] for item in page["data"]], page["cursor"])

    def create_step(self, run_id: str, step_id: str, input: bytes) -> None:
        self._append(run_id, "step_created", step_id, input, stepName=STEP)

    def start_step(self, run_id: str, step_id: str) -> Step:
        return as_step(self._append(run_id, "step_started", step_id)["step"])

    def start_new_step(self, run_id: str, step_id: str, input: bytes) -> Step:
        answer = self._append(run_id, "step_started", step_id, input, stepName=STEP)
        assert answer["stepCreated"] is True
        return as_step(answer["step"])

    def retry_step(
        self, run_id: str, step_id: str, error: bytes, retry_after: datetime
    ) -> None:
        time = retry_after.isoformat()
        self._append(run_id, "step_retrying", step_id, error, retryAfter=time)

    def complete_step(self, run_id: str, step_id: str, result: bytes) -> None:
        self._append(run_id, "step_completed", step_id, result)

    def fail_step(self, run_id: str, step_id: str, error: bytes) -> None:
        self._append(run_id, "step_failed", step_id, error)

    def get_step(self, run_id: str, step_id: str) -> Step:
        return as_step(self.call("steps.get", run_id, step_id, {}))

    def list_steps(self, run_id: str, paging: Paging) -> Page[str]:
        return self._list("steps.list", "stepId", paging, runId=run_id)

    def create_hook(
        self, run_id: str, hook_id: str, token: str, metadata: bytes | None = None
    ) -> str | None:
        answer = self._append(
            run_id, "hook_created", hook_id, metadata, token=token, isWebhook=False
        )
        return answer["event"]["eventData"].get("conflictingRunId")

    def receive_hook(
        self, run_id: str, hook_id: str, payload: bytes, resume_id: str | None = None
    ) -> None:
        params = _some(resumeId=resume_id)
        self._append(run_id, "hook_received", hook_id, payload, params)

    def dispose_hook(self, run_id: str, hook_id: str) -> None:
        self._append(run_id, "hook_disposed", hook_id)

    def get_hook_by_token(self, token: str) -> Hook:
        return as_hook(self.call("hooks.getByToken", token, {}))

    def list_hooks(self, run_id: str, paging: Paging) -> Page[str]:
        return self._list("hooks.list", "hookId", paging, runId=run_id)

    def create_wait(self, run_id: str, wait_id: str, resume_at: datetime) -> None:
        time = resume_at.isoformat()
        self._append(run_id, "wait_created", wait_id, resumeAt=time)

    def complete_wait(self, run_id: str, wait_id: str) -> None:
        self._append(run_id, "wait_completed", wait_id)

    def append_events(self, run_id: str, entries: Sequence[Entry]) -> list[int]:
        told = [{"event": as_entry(entry)} for entry in entries]
        answer = self.call("events.createBatch", run_id, told, {})
        return [one["status"] for one in answer["results"]]

    def list_events(self, run_id: str, paging: Paging) -> Page[Event]:
        page = self.call("events.list", _paged(paging, runId=run_id))
        return Page([as_event(event) for event in page["data"]], page["cursor"])

    def write_stream(self, run_id: str, name: str, chunks: Sequence[bytes]) -> None:
        self.call("streams.writeMulti", run_id, name, list(chunks))

    def close_stream(self, run_id: str, name: str) -> None:
        self.call("streams.close", run_id, name)

    def read_stream(
        self, run_id: str, name: str, start: int
    ) -> tuple[list[tuple[int, bytes]], bool]:
        page = self.call("streams.getChunks", run_id, name, {"startIndex": start})
        return [(chunk["index"], chunk["data"]) for chunk in page["data"]], page["done"]

    def get_stream(self, run_id: str, name: str) -> tuple[int, bool]:
        info = self.call("streams.getInfo", run_id, name)
        return info["tailIndex"], info["done"]

    def list_streams(self, run_id: str) -> list[str]:
        return self.call("streams.list", run_id)

    def send_message(self, run_id: str, note: str, key: str) -> str:
        queue, message = f"__wkf_workflow_{WORKFLOW}", {"runId": run_id, "note": note}
        return self.call("queue", queue, message, {"idempotencyKey": key})["messageId"]


def _some(**values: object) -> Json:
    return {key: value for key, value in values.items() if value is not None}


def _paged(paging: Paging, **which: object) -> Json:
    order = "asc" if paging.ascending else "desc"
    asked = _some(limit=paging.limit, cursor=paging.cursor, sortOrder=order)
    return {**which, "pagination": asked}
