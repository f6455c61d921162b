"""Values of the protocol in JSON, to and from those of `door`."""

from __future__ import annotations

from typing import Any, cast

from tests.door.wire import Json, tagged, untagged
from tests.doors.values import Entry, Event, Hook, Run, Step

# The key of eventData that is the payload.
PAYLOADS = {
    "run_created": "input",
    "run_completed": "output",
    "run_failed": "error",
    "step_created": "input",
    "step_started": "input",
    "step_retrying": "error",
    "step_completed": "result",
    "step_failed": "error",
    "hook_created": "metadata",
    "hook_received": "payload",
}


def as_entry(entry: Entry) -> Json:
    """An event of a batch, as the protocol has it."""
    data: Json = dict(entry.facts or {})
    if entry.payload is not None:
        data[PAYLOADS[entry.type]] = entry.payload
    event: Json = {"eventType": entry.type, "correlationId": entry.correlation_id}
    return {**event, "specVersion": 7, "eventData": data}


def as_run(run: Json) -> Run:
    """A run of the protocol."""
    return Run(
        run_id=run["runId"],
        status=run["status"],
        input=run.get("input"),
        output=run.get("output"),
        error=run.get("error"),
        error_code=run.get("errorCode"),
        cancel_reason=run.get("cancelReason"),
        attributes=run["attributes"],
    )


def as_step(step: Json) -> Step:
    """A step of the protocol."""
    return Step(
        step_id=step["stepId"],
        name=step["stepName"],
        status=step["status"],
        attempt=step["attempt"],
        input=step.get("input"),
        output=step.get("output"),
        error=step.get("error"),
    )


def as_hook(hook: Json) -> Hook:
    """A hook of the protocol."""
    return Hook(hook["runId"], hook["hookId"], hook["token"], hook.get("metadata"))


def as_event(event: Json) -> Event:
    """An event of the protocol."""
    key = PAYLOADS.get(event["eventType"], "")
    payload = event.get("eventData", {}).get(key)
    return Event(event["eventType"], event.get("correlationId"), payload)


def packed(value: Any) -> Any:
    """A value with its bytes tagged."""
    match value:
        case bytes():
            return tagged(value)
        case dict():
            held = cast("Json", value)
            return {key: packed(value) for key, value in held.items()}
        case list():
            return [packed(one) for one in cast("list[Any]", value)]
        case _:
            return value


def unpacked(value: Any) -> Any:
    """A value with bytes in place of tags."""
    match value:
        case {"__type": "Uint8Array"}:
            return untagged(value)
        case dict():
            held = cast("Json", value)
            return {key: unpacked(value) for key, value in held.items()}
        case list():
            return [unpacked(one) for one in cast("list[Any]", value)]
        case _:
            return value
