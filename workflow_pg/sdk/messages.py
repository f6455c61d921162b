"""Messages between the SDK's payloads and the rows of the queue.

A wake and a step dispatch say all in their columns and are rebuilt from them; only
what carries user data has a body, as CBOR of the SDK's wire form.
"""

from __future__ import annotations

from typing import Any

from workflow_pg import codec, health
from workflow_pg.errors import CodecError
from workflow_pg.models import Delivery, MessageKind
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.errors import Refused

BODY_BYTES = codec.BYTES + 64 * 1024
"""What the database takes: a payload in an envelope of the SDK's."""


def run_of(message: sdk.QueuePayload) -> str:
    """The run that a message is about; a health check has one that never was."""
    if isinstance(message, sdk.HealthCheckPayload):
        return health.run_of(message.correlation_id)
    return message.run_id


def kind_and_body(message: sdk.QueuePayload) -> tuple[MessageKind, bytes | None]:
    """How a message is stored."""
    if isinstance(message, sdk.HealthCheckPayload):
        return MessageKind.CUSTOM, _encode(message)
    if message.run_input is not None:
        return MessageKind.START, _encode(message)
    if message.hook_input is not None:
        return MessageKind.HOOK, _encode(message)
    if message.step_id is not None:
        return MessageKind.STEP, None
    if message.trace_carrier is not None:
        return MessageKind.CUSTOM, _encode(message)
    return MessageKind.WAKE, None


def wire_form(delivery: Delivery) -> dict[str, Any]:
    """The message as the SDK's handler takes it.

    Raises:
        Refused: Its body is no CBOR that is decoded, and will never be.
    """
    if delivery.body is not None:
        try:
            return codec.decode(delivery.body, limit=BODY_BYTES)
        except CodecError as error:
            raise Refused(str(error), status=400) from error
    if delivery.step_id is not None:
        return {
            "runId": delivery.run_id,
            "stepId": delivery.step_id,
            "stepName": delivery.step_name,
        }
    return {"runId": delivery.run_id}


def _encode(message: sdk.QueuePayload) -> bytes:
    return codec.encode(message.model_dump(), limit=BODY_BYTES)
