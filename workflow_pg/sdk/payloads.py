"""Payloads between the SDK's bytes and JSON.

The SDK writes bytes of its own format, which are stored as they are (codec opaque).
A caller without an SDK writes JSON; the SDK is shown those payloads in its format.
And a run whose input was JSON writes its output and its error as JSON where that is
possible, so that it can be started and read with psql alone.
"""

from __future__ import annotations

import json
from typing import Any, cast

from workflow_pg.models import Codec, Run
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.errors import Unsupported


def for_sdk(codec: Codec | None, payload: bytes | None) -> bytes | None:
    """A payload in the SDK's format."""
    if payload is None or codec is Codec.OPAQUE:
        return payload
    return sdk.PayloadEncoder().encode(_parse(codec, payload))


def input_for_sdk(run: Run) -> bytes | None:
    """The input of a run in the SDK's format.

    JSON is the arguments, by position in an array or by name in an object.
    """
    if run.input is None or run.input_codec is Codec.OPAQUE:
        return run.input
    value = _parse(run.input_codec, run.input)
    if isinstance(value, dict):
        arguments = sdk.argument_array((), cast("dict[str, Any]", value))
    else:
        arguments = sdk.argument_array(value, {})
    return sdk.PayloadEncoder().encode(arguments)


def error_for_sdk(codec: Codec | None, payload: bytes | None) -> Any:
    """An error in a form that the SDK raises: its bytes, or ``{name, message}``."""
    if payload is None or codec is Codec.OPAQUE:
        return payload
    value = _parse(codec, payload)
    if isinstance(value, dict) and "message" in value:
        return cast("dict[str, Any]", value)
    return {"message": json.dumps(value)}


def output_to_store(payload: bytes, input_codec: Codec) -> tuple[bytes, Codec]:
    """What to store for the output of a run, and its codec."""
    if input_codec is not Codec.JSON:
        return payload, Codec.OPAQUE
    try:
        text = json.dumps(sdk.hydrate(payload, what="the output"), allow_nan=False)
    except (TypeError, ValueError, sdk.FatalError):
        return payload, Codec.OPAQUE
    return text.encode(), Codec.JSON


def error_to_store(payload: Any, input_codec: Codec) -> tuple[bytes, Codec]:
    """What to store for an error, and its codec.

    The SDK passes bytes; a value of its older versions is stored as JSON.
    """
    if not isinstance(payload, bytes):
        has_message = isinstance(payload, dict) and "message" in payload
        value = cast("Any", payload) if has_message else {"message": f"{payload}"}
        return json.dumps(value, default=str).encode(), Codec.JSON
    if input_codec is not Codec.JSON:
        return payload, Codec.OPAQUE
    try:
        error = sdk.hydrate_error(payload, what="the error")
    except sdk.FatalError:
        return payload, Codec.OPAQUE
    name = getattr(error, "name", None) or type(error).__name__
    message = getattr(error, "message", None) or str(error)
    return json.dumps({"name": str(name), "message": str(message)}).encode(), Codec.JSON


def _parse(codec: Codec | None, payload: bytes) -> Any:
    if codec is not Codec.JSON:
        raise Unsupported(
            f"payloads of codec {codec} cannot be read by the SDK: "
            "write them as json, or with the SDK"
        )
    return json.loads(payload)
