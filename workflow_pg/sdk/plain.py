"""Payloads of the SDK's as plain values, for people and programs that only look.

An app's classes are not imported here, so nothing is made of them: an object is its
class and its data, an error its name, message and traceback. Anybody may have written
the bytes. So they are decompressed up to a limit, and a value that refers to its parts
many times over is not written out without end.

It is imported where the SDK may be absent: only what reads its format needs it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any, cast

__all__ = ["Unreadable", "plain", "read"]

BYTES = 16 * 1024 * 1024
"""The largest payload that is read, when it is decompressed."""
VALUES = 200_000
"""So many values are written out, at most."""
DEPTH = 100

# Their data is what people call them by.
_NATIVE = {
    "class//decimal//Decimal",
    "class//uuid//UUID",
    "class//datetime//date",
    "class//datetime//time",
    "class//pathlib//Path",
}


class Unreadable(Exception):
    """A payload that cannot be read here; a few words that say why."""


def read(payload: bytes, *, key: bytes | None = None) -> Any:
    """Read a payload of the SDK's.

    Args:
        payload: As it is stored, with its prefix.
        key: That of its run, 32 bytes; None when it is not there.

    Returns:
        What JSON has a form for. Bytes are ``{"bytes": <base64>}``, an error is
        ``{"name", "message", "stack", "cause"}``, the last two where they are known.

    Raises:
        Unreadable: It is encrypted with another key, damaged, or too large.
        ImportError: There is no ``vercel-workflow``, or it is not 0.12.x.
    """
    from workflow_pg.sdk.version import check_sdk_version

    check_sdk_version()
    from workflow_pg.sdk import _compat as sdk

    try:
        value = sdk.read_payload(payload, key=key, limit=BYTES, revive=_revive)
        return plain(value, is_nothing=sdk.is_nothing)
    except Unreadable:
        raise
    except sdk.DecryptionError as error:
        raise Unreadable("encrypted, and the key is not here") from error
    except RecursionError as error:
        raise Unreadable("too deep to be shown") from error
    # Whatever a hostile payload makes a parser raise.
    except Exception as error:
        raise Unreadable("not readable by this SDK") from error


def plain(
    value: object, *, is_nothing: Callable[[object], bool] = lambda _: False
) -> Any:
    """A value of the SDK's, or of CBOR, in what JSON has a form for.

    Args:
        value: The value.
        is_nothing: Whether a value stands for none.

    Raises:
        Unreadable: It is too deep, or has more than 200,000 values.
    """
    return _Writing(VALUES, is_nothing).plain(value, 0)


def _revive(tag: str, value: Any) -> Any:
    """What is shown of a value under a tag."""
    from workflow_pg.sdk import _compat as sdk

    if tag == "Instance":
        class_id, data = value["classId"], value.get("data")
        return data if class_id in _NATIVE else {"class": class_id, "data": data}
    if tag not in sdk.ERROR_TAGS:
        return {"tag": tag, "data": value}
    # The name first, where people look for it.
    return {"name": "", **value} | {"name": sdk.error_name(tag, value)}


@dataclass(slots=True)
class _Writing:
    """How many values may still be written out, and which of them are none."""

    left: int
    is_nothing: Callable[[object], bool]

    def plain(self, value: object, depth: int) -> Any:
        self.left -= 1
        if self.left < 0 or depth > DEPTH:
            raise Unreadable("too large to be shown")
        if self.is_nothing(value):
            return None
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            return value if isfinite(value) else str(value)
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, bytes | bytearray):
            return {"bytes": b64encode(value).decode("ascii")}
        if isinstance(value, Mapping):
            return self._mapping(cast("Mapping[Any, Any]", value), depth + 1)
        if isinstance(value, list | tuple | set | frozenset):
            found = cast("Iterable[Any]", value)
            return [self.plain(item, depth + 1) for item in found]
        return str(value)

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> Any:
        if all(isinstance(key, str) for key in value):
            return {key: self.plain(item, depth) for key, item in value.items()}
        return [
            [self.plain(key, depth), self.plain(item, depth)]
            for key, item in value.items()
        ]
