"""``events_create``: which verb of the World an SDK event is, with which arguments.

The SDK reads the run from run_started, the step from step_started and the event from
hook_created, and nothing from any other result; so nothing else is built, and the
result of step_completed cannot fail to be.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

from workflow_pg.models import AppendReply, Codec, EventType
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk import payloads, shapes
from workflow_pg.sdk.context import Held
from workflow_pg.sdk.errors import lacks
from workflow_pg.world import World

Append = Callable[[World], Awaitable[sdk.EventResult]]
"""One statement; repeated as it is when the way to the database fails."""


def append_of(run_id: str | None, event: sdk.BaseEvent, held: Held | None) -> Append:
    """The call for an event, with its dedup key drawn.

    Args:
        run_id: The run; None only for run_created.
        event: As the SDK made it.
        held: The delivery being handled, if its worker handles one.

    Raises:
        Unsupported: The event is of a type that is not there yet.
    """
    key = uuid4().hex
    spec = event.spec_version
    if isinstance(event, sdk.RunCreatedEvent):
        return _run_created(run_id, event, key)
    if run_id is None:
        raise ValueError(f"{event.event_type} needs a run id")
    if isinstance(event, sdk.RunStartedEvent):
        return _run_started(run_id, event, held)
    if isinstance(
        event, sdk.RunCompletedEvent | sdk.RunFailedEvent | sdk.RunCancelledEvent
    ):
        return _run_ended(run_id, event, held)
    if isinstance(event, sdk.AttrSetEvent):
        return _attr_set(run_id, event, key)
    if event.correlation_id is None:
        raise lacks(f"events of type {event.event_type}")
    token = (
        held.delivery.lease_token if held and held.delivery.run_id == run_id else None
    )
    if event.event_type.startswith("step_"):
        return _step(run_id, event.correlation_id, event, key, token, held)
    return _hook_or_wait(run_id, event.correlation_id, event, spec, key, token)


def _run_created(run_id: str | None, event: sdk.RunCreatedEvent, key: str) -> Append:
    data = event.event_data

    async def append(world: World) -> sdk.EventResult:
        reply = await world.runs.create(
            data.workflow_name,
            data.input,
            run_id=run_id,
            deployment_id=data.deployment_id,
            execution_context=data.execution_context,
            encryption_public_key=data.encryption_public_key,
            spec_version=event.spec_version,
            dedup_key=key,
        )
        return sdk.EventResult(event=shapes.stored(event, reply))

    return append


def _run_started(run_id: str, event: sdk.RunStartedEvent, held: Held | None) -> Append:
    data = event.event_data

    async def append(world: World) -> sdk.EventResult:
        if data is None:
            run = await world.runs.start(run_id, spec_version=event.spec_version)
        else:
            run = await world.runs.start(
                run_id,
                workflow_name=data.workflow_name,
                input=data.input,
                deployment_id=data.deployment_id,
                execution_context=data.execution_context,
                encryption_public_key=data.encryption_public_key,
                attributes=data.attributes,
                allow_reserved=data.allow_reserved_attributes is True,
                spec_version=event.spec_version,
            )
        if held is not None:
            held.input_codec = run.input_codec or Codec.OPAQUE
        return sdk.EventResult(run=shapes.run(run))

    return append


def _run_ended(
    run_id: str,
    event: sdk.RunCompletedEvent | sdk.RunFailedEvent | sdk.RunCancelledEvent,
    held: Held | None,
) -> Append:
    input_codec = held.input_codec if held else Codec.OPAQUE
    spec = event.spec_version

    async def append(world: World) -> sdk.EventResult:
        if isinstance(event, sdk.RunCompletedEvent):
            output, codec = payloads.output_to_store(
                event.event_data.output, input_codec
            )
            await world.runs.complete(run_id, output, codec=codec, spec_version=spec)
        elif isinstance(event, sdk.RunFailedEvent):
            error, codec = payloads.error_to_store(event.event_data.error, input_codec)
            await world.runs.fail(
                run_id,
                error,
                codec=codec,
                error_code=event.event_data.error_code,
                spec_version=spec,
            )
        else:
            reason = event.event_data.cancel_reason if event.event_data else None
            await world.runs.cancel(run_id, reason=reason, spec_version=spec)
        return sdk.EventResult()

    return append


def _attr_set(run_id: str, event: sdk.AttrSetEvent, key: str) -> Append:
    facts = event.event_data.model_dump()

    async def append(world: World) -> sdk.EventResult:
        # As it came, because a replay compares the changes with what its body sets.
        await world.events.append(
            run_id,
            EventType.ATTR_SET,
            correlation_id=event.correlation_id,
            facts=facts,
            spec_version=event.spec_version,
            dedup_key=key,
        )
        return sdk.EventResult()

    return append


def _step(
    run_id: str,
    step_id: str,
    event: sdk.BaseEvent,
    key: str,
    token: UUID | None,
    held: Held | None,
) -> Append:
    spec = event.spec_version

    async def append(world: World) -> sdk.EventResult:
        steps = world.steps
        if isinstance(event, sdk.StepStartedEvent):
            step = await steps.start(run_id, step_id, spec_version=spec, dedup_key=key)
            return sdk.EventResult(step=shapes.step(step))
        if isinstance(event, sdk.StepCreatedEvent):
            created = event.event_data
            await steps.create(
                run_id,
                step_id,
                created.step_name,
                _bytes(created.input),
                spec_version=spec,
            )
            if held is not None:
                held.dispatched.add(step_id)
        elif isinstance(event, sdk.StepCompletedEvent):
            await steps.complete(
                run_id,
                step_id,
                _bytes(event.event_data.result),
                spec_version=spec,
                dedup_key=key,
                # Without the token the run is woken in the same transaction.
            )
            if held is not None and held.delivery.step_id == step_id:
                held.has_woken = held.delivery.run_id == run_id
        elif isinstance(event, sdk.StepRetryingEvent):
            error, codec = payloads.error_to_store(event.event_data.error, Codec.OPAQUE)
            await steps.retry(
                run_id,
                step_id,
                error,
                codec=codec,
                retry_after=event.event_data.retry_after,
                spec_version=spec,
                dedup_key=key,
                lease_token=token,
            )
        elif isinstance(event, sdk.StepFailedEvent):
            error, codec = payloads.error_to_store(event.event_data.error, Codec.OPAQUE)
            await steps.fail(
                run_id,
                step_id,
                error,
                codec=codec,
                spec_version=spec,
                dedup_key=key,
                lease_token=token,
            )
        else:
            raise lacks(f"events of type {event.event_type}")
        return sdk.EventResult()

    return append


def _hook_or_wait(
    run_id: str,
    correlation_id: str,
    event: sdk.BaseEvent,
    spec: int,
    key: str,
    token: UUID | None,
) -> Append:
    async def append(world: World) -> sdk.EventResult:
        if isinstance(event, sdk.HookCreatedEvent):
            hook = event.event_data
            reply = await world.hooks.create(
                run_id,
                correlation_id,
                hook.token,
                metadata=hook.metadata,
                is_webhook=hook.is_webhook,
                is_system=bool(hook.is_system),
                spec_version=spec,
                lease_token=token,
            )
            return sdk.EventResult(event=_hook_event(event, reply))
        if isinstance(event, sdk.HookReceivedEvent):
            carried = sdk.resume_of(event)
            await world.hooks.receive(
                run_id,
                correlation_id,
                event.event_data.payload,
                spec_version=spec,
                dedup_key=None if carried else key,
                resume_id=carried[0] if carried else None,
                payload_digest=carried[1] if carried else None,
                lease_token=token,
            )
        elif isinstance(event, sdk.HookDisposedEvent):
            await world.hooks.dispose(
                run_id, correlation_id, spec_version=spec, lease_token=token
            )
        elif isinstance(event, sdk.WaitCreatedEvent):
            await world.waits.create(
                run_id,
                correlation_id,
                event.event_data.resume_at,
                spec_version=spec,
                lease_token=token,
            )
        elif isinstance(event, sdk.WaitCompletedEvent):
            await world.waits.complete(
                run_id, correlation_id, spec_version=spec, lease_token=token
            )
        else:
            raise lacks(f"events of type {event.event_type}")
        return sdk.EventResult()

    return append


def _hook_event(event: sdk.HookCreatedEvent, reply: AppendReply) -> Any:
    if reply.event_type is not EventType.HOOK_CONFLICT:
        return shapes.stored(event, reply)
    conflict = sdk.HookConflictEvent.from_wire(
        {
            "eventType": "hook_conflict",
            "correlationId": event.correlation_id,
            "specVersion": event.spec_version,
            "eventData": {
                "token": event.event_data.token,
                "conflictingRunId": reply.conflicting_run_id,
            },
        }
    )
    return shapes.stored(conflict, reply)


def _bytes(payload: Any) -> bytes:
    if not isinstance(payload, bytes):
        raise TypeError(f"a payload of the SDK is bytes, not {type(payload).__name__}")
    return payload
