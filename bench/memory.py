"""A World that forgets everything: what the SDK costs without any database.

It keeps the logs of runs in lists and delivers in the same event loop. It does as much
as the measured workflows need: runs and steps, without failures, sleeps and hooks.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from datetime import UTC, datetime
from typing import Any

from workflow_pg.models import Codec, Event, EventType, Run, RunStatus, Step, StepStatus
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk import shapes
from workflow_pg.sdk.world import PostgresWorld

FACTS = {"workflow_name": "workflowName", "deployment_id": "deploymentId"}


class MemoryWorld(PostgresWorld):
    """Only what is overridden here may be called: the rest has no server to call."""

    def __init__(self) -> None:
        super().__init__("postgresql://nowhere.invalid/none")
        self.logs: dict[str, list[Event]] = defaultdict(list)
        self.finished = 0
        self._started: dict[str, datetime] = {}
        self._final: set[str] = set()
        self._steps: dict[tuple[str, str], list[Event]] = defaultdict(list)
        self._wakes: deque[tuple[str, str]] = deque()
        self._awake: set[str] = set()
        self._replaying: set[str] = set()
        self._dispatches: deque[tuple[str, str, str, str]] = deque()

    async def events_create(self, run_id: str | None, data: Any) -> sdk.EventResult:
        """Append an event."""
        kind = EventType(data.event_type)
        assert run_id is not None
        if run_id in self._final and kind is EventType.RUN_STARTED:
            raise sdk.EntityConflictError
        if kind is EventType.RUN_STARTED and run_id in self._started:
            return sdk.EventResult(run=shapes.run(self._run(run_id)))
        if kind is EventType.STEP_CREATED and self._steps[run_id, data.correlation_id]:
            raise sdk.EntityConflictError
        event = self._append(run_id, kind, data)
        if kind is EventType.RUN_STARTED:
            self._started[run_id] = event.created_at
            return sdk.EventResult(run=shapes.run(self._run(run_id)))
        if kind is EventType.RUN_COMPLETED:
            self.finished += 1
            self._final.add(run_id)
        if kind is EventType.STEP_STARTED:
            return sdk.EventResult(step=shapes.step(self._step(event)))
        if kind is EventType.RUN_CREATED:
            return sdk.EventResult(event=data)
        return sdk.EventResult()

    async def events_list(
        self, run_id: str, *, pagination: sdk.PaginationOptions | None = None
    ) -> sdk.PaginatedResult[sdk.Event]:
        """The events after the cursor."""
        cursor = pagination.cursor if pagination else None
        rows = self.logs[run_id][int(cursor) if cursor else 0 :]
        return sdk.PaginatedResult[sdk.Event].from_wire(
            {
                "data": [shapes.event(row) for row in rows],
                "cursor": str(len(self.logs[run_id])),
                "hasMore": False,
            }
        )

    async def runs_get(self, run_id: str) -> sdk.WorkflowRun:
        """The run; it is not final."""
        return shapes.run(self._run(run_id))

    async def queue(
        self,
        queue_name: str,
        message: sdk.QueuePayload,
        *,
        deployment_id: str | None = None,
        idempotency_key: str | None = None,
        **kwargs: Any,
    ) -> str:
        """Note what is to be done; a run is woken once."""
        assert isinstance(message, sdk.WorkflowInvokePayload)
        run_id, step_id = message.run_id, message.step_id
        if step_id is not None:
            name = message.step_name or ""
            self._dispatches.append((queue_name, run_id, step_id, name))
        elif run_id not in self._awake:
            self._awake.add(run_id)
            self._wakes.append((queue_name, run_id))
        return "msg"

    async def deliver(self, handler: sdk.QueueHandler, *, at_once: int) -> None:
        """Handle messages until there are none."""
        tasks: set[asyncio.Task[None]] = set()
        while True:
            while len(tasks) < at_once and (job := self._next()) is not None:
                tasks.add(asyncio.create_task(self._handle(handler, *job)))
            if not tasks:
                return
            done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()

    def _next(self) -> tuple[str, dict[str, Any]] | None:
        if self._dispatches:
            queue_name, run_id, step_id, name = self._dispatches.popleft()
            return queue_name, {"runId": run_id, "stepId": step_id, "stepName": name}
        for _ in range(len(self._wakes)):
            queue_name, run_id = self._wakes.popleft()
            if run_id not in self._replaying:
                self._replaying.add(run_id)
                self._awake.discard(run_id)
                return queue_name, {"runId": run_id}
            self._wakes.append((queue_name, run_id))
        return None

    async def _handle(
        self, handler: sdk.QueueHandler, queue_name: str, payload: dict[str, Any]
    ) -> None:
        try:
            await handler(payload, attempt=1, queue_name=queue_name, message_id="msg")
        finally:
            if "stepId" not in payload:
                self._replaying.discard(payload["runId"])

    def _append(self, run_id: str, kind: EventType, data: Any) -> Event:
        log = self.logs[run_id]
        given: Any = getattr(data, "event_data", None)
        facts: dict[str, Any] = {}
        if kind is EventType.RUN_CREATED:
            facts = {wire: getattr(given, name) for name, wire in FACTS.items()}
        elif kind is EventType.STEP_CREATED:
            facts = {"stepName": given.step_name}
        name = shapes.PAYLOAD_FIELDS.get(kind)
        event = Event(
            run_id=run_id,
            seq=len(log) + 1,
            event_id=f"evnt_{len(log) + 1:026d}",
            event_type=kind,
            correlation_id=getattr(data, "correlation_id", None),
            created_at=datetime.now(UTC),
            spec_version=data.spec_version,
            facts=facts or None,
            codec=Codec.OPAQUE,
            payload=getattr(given, name) if name else None,
        )
        log.append(event)
        if event.correlation_id is not None:
            self._steps[run_id, event.correlation_id].append(event)
        return event

    def _run(self, run_id: str) -> Run:
        created = self.logs[run_id][0]
        facts = created.facts or {}
        return Run(
            run_id=run_id,
            status=RunStatus.RUNNING,
            workflow_name=facts["workflowName"],
            deployment_id=facts["deploymentId"],
            queue_name="",
            spec_version=created.spec_version,
            last_seq=len(self.logs[run_id]),
            created_at=created.created_at,
            started_at=self._started.get(run_id),
            completed_at=None,
            expired_at=None,
            execution_context=None,
            encryption_public_key=None,
            attributes={},
            error_code=None,
            cancel_reason=None,
            input_codec=Codec.OPAQUE,
            input=created.payload,
            output_codec=None,
            output=None,
            error_codec=None,
            error=None,
            seq=None,
            cursor=None,
        )

    def _step(self, started: Event) -> Step:
        assert started.correlation_id is not None
        created = self._steps[started.run_id, started.correlation_id][0]
        return Step(
            run_id=started.run_id,
            step_id=started.correlation_id,
            step_name=(created.facts or {})["stepName"],
            status=StepStatus.RUNNING,
            attempt=1,
            spec_version=created.spec_version,
            created_at=created.created_at,
            updated_at=started.created_at,
            started_at=started.created_at,
            completed_at=None,
            retry_after=None,
            input_codec=Codec.OPAQUE,
            input=created.payload,
            output_codec=None,
            output=None,
            error_codec=None,
            error=None,
            seq=None,
            cursor=None,
        )
