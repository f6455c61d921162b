"""What the other database has in a column, CBOR or JSON, as payloads and facts."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any, cast

import cbor2

from workflow_pg import codec
from workflow_pg.errors import CodecError

__all__ = ["Payloads", "event_data", "fact", "iso"]

DEPTH = 512
_BYTES_OF_JS = 64
_NO_VALUES = {5, 25, 28, 29, 30, 35, 36, 52, 54, 100, 256, 258, 260, 261, 1004, 43000}


class Payloads:
    """The payloads of one run, each once, however often rows and events have it."""

    def __init__(self) -> None:
        self.all: list[bytes] = []
        self._places: dict[tuple[str, bytes], int] = {}

    def put(self, value: object) -> dict[str, object] | None:
        """Where a value is, or None when there is none: ``{"codec", "at"}``."""
        if value is cbor2.undefined:
            return None
        form, data = _encoded(value)
        return self._put(form, data)

    def put_column(self, text: str | None, cbor: bytes | None) -> Any:
        """The same for a pair of columns: the older one of JSON, the newer of CBOR."""
        if cbor is not None:
            return self.put(_decoded(cbor))
        return None if text is None else self._put("json", text.encode())

    def _put(self, form: str, data: bytes) -> dict[str, object]:
        at = self._places.setdefault((form, data), len(self.all) + 1)
        if at > len(self.all):
            self.all.append(data)
        return {"codec": form, "at": at}


def event_data(text: str | None, cbor: bytes | None) -> dict[str, Any]:
    """The eventData of an event.

    Raises:
        CodecError: It cannot be decoded, or is no object.
    """
    value: Any = None
    if cbor is not None:
        value = _decoded(cbor)
    elif text is not None:
        value = json.loads(text)
    if value is None or value is cbor2.undefined:
        return {}
    if not isinstance(value, Mapping):
        raise CodecError("the data of the event is no object")
    return dict(cast("Mapping[str, Any]", value))


def fact(value: object) -> Any:
    """A value as it stands among facts, which are JSON; bytes as SDKs write them.

    Raises:
        CodecError: JSON has no form for it.
    """
    if isinstance(value, bytes):
        return {"__type": "Uint8Array", "data": b64encode(value).decode()}
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return {str(key): fact(held) for key, held in pairs}
    if isinstance(value, list | tuple):
        return [fact(held) for held in cast("list[object]", value)]
    if not _is_json(value):
        raise CodecError(f"JSON has no form for {type(value).__name__} among the facts")
    return value


def iso(at: datetime | None) -> str | None:
    """A time in UTC as ISO 8601."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _encoded(value: object) -> tuple[str, bytes]:
    if isinstance(value, bytes):
        return "opaque", value
    if _is_json(value):
        return "json", json.dumps(value, ensure_ascii=True).encode()
    return "cbor", codec.encode(value)


def _is_json(value: object) -> bool:
    if value is None or isinstance(value, bool | str | int):
        return True
    if isinstance(value, float):
        return isfinite(value)
    if isinstance(value, list | tuple):
        return all(map(_is_json, cast("list[object]", value)))
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return all(isinstance(key, str) and _is_json(held) for key, held in pairs)
    return False


def _decoded(data: bytes) -> Any:
    try:
        value = cbor2.loads(
            data,
            max_depth=DEPTH,
            semantic_decoders=dict.fromkeys(_NO_VALUES, _refuse),
            tag_hook=_tagged,
        )
    except (cbor2.CBORError, ArithmeticError, ValueError) as error:
        raise CodecError(f"it cannot be decoded: {error}") from error
    return _defined(value)


def _defined(value: Any) -> Any:
    """Without what is undefined: JavaScript leaves it out of objects itself."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return {k: _defined(v) for k, v in pairs if v is not cbor2.undefined}
    if isinstance(value, list):
        held = cast("list[object]", value)
        return [None if v is cbor2.undefined else _defined(v) for v in held]
    return value


def _tagged(tag: cbor2.CBORTag, *_: object) -> Any:
    if tag.tag == _BYTES_OF_JS and isinstance(tag.value, bytes):
        return tag.value
    raise CodecError(f"it has CBOR tag {tag.tag}, which is no plain value")


def _refuse(*_: object) -> Any:
    raise CodecError("it has a CBOR tag which is no plain value")
