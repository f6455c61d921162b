"""Our rows as the SDK's models."""

from __future__ import annotations

from typing import Any, TypeVar

from workflow_pg.models import (
    AppendReply,
    Event,
    EventType,
    Hook,
    Run,
    RunStatus,
    Step,
    StepStatus,
    Stream,
    StreamPage,
)
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk import payloads

E = TypeVar("E", bound=sdk.BaseEvent)

RUN_MODELS: dict[RunStatus, type[sdk.BaseWorkflowRun]] = {
    RunStatus.PENDING: sdk.NonFinalWorkflowRun,
    RunStatus.RUNNING: sdk.NonFinalWorkflowRun,
    RunStatus.COMPLETED: sdk.CompletedWorkflowRun,
    RunStatus.FAILED: sdk.FailedWorkflowRun,
    RunStatus.CANCELLED: sdk.CancelledWorkflowRun,
}

STEP_MODELS: dict[StepStatus, type[sdk.BaseWorkflowStep]] = {
    StepStatus.PENDING: sdk.NonFinalWorkflowStep,
    StepStatus.RUNNING: sdk.NonFinalWorkflowStep,
    StepStatus.COMPLETED: sdk.CompletedWorkflowStep,
    StepStatus.FAILED: sdk.FailedWorkflowStep,
    StepStatus.CANCELLED: sdk.CancelledWorkflowStep,
}

PAYLOAD_FIELDS = {
    EventType.RUN_CREATED: "input",
    EventType.RUN_COMPLETED: "output",
    EventType.RUN_FAILED: "error",
    EventType.STEP_CREATED: "input",
    EventType.STEP_RETRYING: "error",
    EventType.STEP_COMPLETED: "result",
    EventType.STEP_FAILED: "error",
    EventType.HOOK_CREATED: "metadata",
    EventType.HOOK_RECEIVED: "payload",
}
"""Under which name the protocol puts an event's payload into eventData."""


def run(row: Run) -> Any:
    """The run, as the member of the SDK's union that its status asks for."""
    fields: dict[str, Any] = {
        "run_id": row.run_id,
        "status": str(row.status),
        "deployment_id": row.deployment_id,
        "workflow_name": row.workflow_name,
        "spec_version": row.spec_version,
        "execution_context": row.execution_context,
        "encryption_public_key": row.encryption_public_key,
        "input": payloads.input_for_sdk(row),
        "error_code": row.error_code,
        "attributes": row.attributes,
        "started_at": row.started_at,
        "created_at": row.created_at,
        "updated_at": row.completed_at or row.started_at or row.created_at,
        "completed_at": row.completed_at,
    }
    if row.output is not None:
        fields["output"] = payloads.for_sdk(row.output_codec, row.output)
    if row.error is not None:
        fields["error"] = payloads.error_for_sdk(row.error_codec, row.error)
    return RUN_MODELS[row.status](**fields)


def step(row: Step) -> Any:
    """The step, as the member of the SDK's union that its status asks for."""
    fields: dict[str, Any] = {
        "run_id": row.run_id,
        "step_id": row.step_id,
        "step_name": row.step_name,
        "status": str(row.status),
        "input": payloads.for_sdk(row.input_codec, row.input),
        "error": payloads.error_for_sdk(row.error_codec, row.error),
        "attempt": row.attempt,
        "started_at": row.started_at,
        "completed_at": row.completed_at,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "retry_after": row.retry_after,
        "spec_version": row.spec_version,
    }
    if row.output is not None:
        fields["output"] = payloads.for_sdk(row.output_codec, row.output)
    return STEP_MODELS[row.status](**fields)


def hook(row: Hook) -> sdk.Hook:
    """The hook; owner, project and environment mean nothing here."""
    return sdk.Hook.from_wire(
        {
            "runId": row.run_id,
            "hookId": row.hook_id,
            "token": row.token,
            "ownerId": "",
            "projectId": "",
            "environment": "",
            "metadata": payloads.for_sdk(row.metadata_codec, row.metadata),
            "createdAt": row.created_at,
            "specVersion": row.spec_version,
            "isWebhook": row.is_webhook,
            "isSystem": row.is_system,
        }
    )


def event(row: Event) -> sdk.Event:
    """The event, parsed by the SDK from its wire form."""
    data: dict[str, Any] = dict(row.facts or {})
    name = PAYLOAD_FIELDS.get(row.event_type)
    if name == "error":
        data[name] = payloads.error_for_sdk(row.codec, row.payload)
    elif row.event_type is EventType.ATTR_SET:
        data["writer"] = _writer_for_sdk(data["writer"])
    elif row.event_type is EventType.RUN_CREATED:
        data["input"] = row.payload or b""
    elif name is not None and row.payload is not None:
        data[name] = payloads.for_sdk(row.codec, row.payload)
    wire: dict[str, Any] = {
        "eventType": str(row.event_type),
        "specVersion": row.spec_version,
        "runId": row.run_id,
        "eventId": row.event_id,
        "createdAt": row.created_at,
    }
    if row.correlation_id is not None:
        wire["correlationId"] = row.correlation_id
    if row.event_type is EventType.HOOK_RECEIVED and "resumeId" in data:
        # Beside eventData in the protocol: the SDK looks for it there.
        wire["resumeId"] = data.pop("resumeId")
    if data:
        wire["eventData"] = data
    return sdk.EventAdaptor.from_wire(wire)


def _writer_for_sdk(writer: dict[str, Any]) -> dict[str, Any]:
    """Who set attributes, as one of the two that the SDK can read.

    It skips those of a workflow that have no correlation id, as it must those that
    came from outside.
    """
    return {"type": "workflow"} if writer["type"] == "api" else writer


def stream_page(page: StreamPage) -> sdk.StreamChunksPage:
    """A page of chunks; it has a cursor, the next index, while there are more."""
    return sdk.StreamChunksPage.from_wire(
        {
            "data": [
                {"index": page.first_index + place, "data": data}
                for place, data in enumerate(page.chunks)
            ],
            "cursor": None if page.is_last else str(page.next_index),
            "hasMore": not page.is_last,
            "done": page.is_closed,
        }
    )


def stream_info(stream: Stream) -> sdk.StreamInfo:
    """How far a stream is."""
    return sdk.StreamInfo.from_wire(
        {"tailIndex": stream.tail_index, "done": stream.closed_at is not None}
    )


def stored(event: E, reply: AppendReply) -> E:
    """The event that a caller made, with what the database added to it."""
    if reply.seq is None:
        return event
    props = sdk.ServerProps.from_wire(
        {
            "runId": reply.run_id,
            "eventId": f"evnt_{reply.seq:026d}",
            "createdAt": reply.created_at,
        }
    )
    return event.model_copy(update={"server_props": props})
