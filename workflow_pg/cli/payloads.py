"""Payloads as people and programs read them: the SDK's, JSON, CBOR and texts.

The SDK's format is read where the SDK is installed, and what is encrypted where its key
is named. Elsewhere a payload is told in words: what it is, and how much of it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, cast

from workflow_pg.cli.output import clean, short, write_error

if TYPE_CHECKING:
    import argparse

    from workflow_pg.models import Event, Run, StreamChunk
    from workflow_pg.sdk.keys import KeyProvider
    from workflow_pg.world import World

__all__ = [
    "Reader",
    "Shown",
    "add_keys",
    "document",
    "reader_of",
    "write_payload",
]

KEYS_HELP = (
    "encryption keys, a line ID:SECRET for each; else those of WORKFLOW_PG_KEYS;"
    " without them what is encrypted stays so"
)
WORDS = 1000
"""Characters of a value that people see."""
WIDTH = 300
"""Characters of a line of a traceback."""
LINES = 60
"""Lines of a traceback that they see: so many at its end."""

_ENCRYPTED = (b"encr", b"encp")
_COMPRESSED = (b"gzip", b"zstd")
_ERRORS = {"run_failed", "step_failed", "step_retrying"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A payload in a form to look at.

    ``words`` are one line, ``trace`` the lines of a traceback; both are cleaned.
    ``value`` is what JSON has a form for, when the payload could be read.
    """

    words: str
    trace: list[str]
    is_read: bool
    value: Any


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the payloads of a run.

    Args:
        key: That of the run, 32 bytes; None when it is not there or not needed.
    """

    key: bytes | None = None

    def read(self, codec: object, payload: bytes, *, is_error: bool = False) -> Shown:
        """A payload; as an error with its traceback, if it is one."""
        try:
            value = _value(codec, payload, self.key)
        except _InWords as error:
            return Shown(words=error.words, trace=[], is_read=False, value=None)
        if is_error and _is_error(value):
            return _error(value)
        # A text that is JSON stays as somebody wrote it.
        words = payload.decode() if codec == "json" else _json(value)
        return Shown(words=clean(words), trace=[], is_read=True, value=value)

    def of_event(self, event: Event) -> Shown | None:
        """The payload of an event; None when it has none."""
        if event.payload is None:
            return None
        is_error = event.event_type in _ERRORS
        return self.read(event.codec, event.payload, is_error=is_error)


class _InWords(Exception):
    """A payload that is no value: what it is, or the text that it is."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def add_keys(parser: argparse.ArgumentParser) -> None:
    """Add the option that names encryption keys."""
    from workflow_pg.cli.values import utf8_text

    parser.add_argument("--keys", metavar="FILE", type=utf8_text, help=KEYS_HELP)


async def reader_of(arguments: argparse.Namespace, world: World, run_id: str) -> Reader:
    """A reader of the payloads of a run, with its key if keys are named.

    Raises:
        BadKeys: The keys that are named cannot be read.
    """
    provider = _keys(arguments.keys)
    if provider is None:
        return Reader()
    from workflow_pg.errors import KeyUnavailable, NotFound

    async def find(run_id: str) -> Run | None:
        try:
            return await world.runs.get(run_id, with_input=False, with_outcome=False)
        except NotFound:
            return None

    try:
        from workflow_pg.sdk.run_keys import RunKeys

        return Reader(await RunKeys(provider, find).of_existing(run_id))
    except (ImportError, KeyUnavailable) as error:
        # What is not encrypted can be looked at all the same.
        write_error(str(error))
        return Reader()


def document(told: Event | StreamChunk, shown: Shown | None) -> dict[str, Any]:
    """What has a payload for programs: with ``decoded``, if that could be read."""
    made = {field.name: getattr(told, field.name) for field in fields(told)}
    if shown is not None and shown.is_read:
        made["decoded"] = shown.value
    return made


def write_payload(name: str, shown: Shown) -> None:
    """Print a payload under a name, and its traceback below it."""
    print(f"{name}: {short(shown.words, WORDS)}")
    left_out = len(shown.trace) - LINES
    if left_out > 0:
        print(f"  ... {left_out} lines")
    for line in shown.trace[-LINES:]:
        print(f"  {short(line, WIDTH)}".rstrip())


def _keys(path: str | None) -> KeyProvider | None:
    from workflow_pg.sdk.keys import VARIABLE, KeyFile, keys_of_environment

    if path is not None:
        return KeyFile(path).read()
    return keys_of_environment() if os.environ.get(VARIABLE) else None


def _value(codec: object, payload: bytes, key: bytes | None) -> Any:
    """What a payload says.

    Raises:
        _InWords: It cannot be read here.
    """
    size = f"{len(payload)} bytes"
    if codec == "cbor":
        return _value_of_cbor(payload)
    if codec == "json":
        return _value_of_json(payload)
    prefix = payload[:4]
    if prefix in _ENCRYPTED and key is None:
        raise _InWords(f"encrypted, {size}")
    if prefix in (*_ENCRYPTED, *_COMPRESSED, b"devl"):
        return _value_of_sdk(payload, key)
    try:
        raise _InWords(clean(payload.decode()))
    except UnicodeDecodeError:
        raise _InWords(size) from None


def _value_of_json(payload: bytes) -> Any:
    from workflow_pg.sdk.plain import Unreadable, plain

    try:
        return plain(json.loads(payload))
    except (ValueError, RecursionError, Unreadable) as error:
        # It is a text all the same.
        raise _InWords(clean(payload.decode(errors="replace"))) from error


def _value_of_cbor(payload: bytes) -> Any:
    from workflow_pg import codec
    from workflow_pg.errors import CodecError
    from workflow_pg.sdk.plain import Unreadable, plain

    try:
        return plain(codec.decode(payload))
    except (CodecError, Unreadable) as error:
        raise _InWords(f"{len(payload)} bytes of CBOR: {error}") from error


def _value_of_sdk(payload: bytes, key: bytes | None) -> Any:
    from workflow_pg.sdk.plain import Unreadable, read

    how = ", compressed," if payload[:4] in _COMPRESSED else ""
    try:
        return read(payload, key=key)
    except Unreadable as error:
        raise _InWords(f"{len(payload)} bytes{how or ','} {error}") from error
    except ImportError as error:
        raise _InWords(
            f"{len(payload)} bytes{how} in the format of the SDK, which cannot be read"
            f" here: {error}"
        ) from error


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _is_error(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(
        cast("dict[str, Any]", value).get("message"), str
    )


def _error(value: dict[str, Any]) -> Shown:
    """An error as Python writes it, with those that caused it above it."""
    words = ": ".join(
        clean(value[part]) for part in ("name", "message") if value.get(part)
    )
    lines: list[str] = []
    told: set[str] = set()
    at: Any = value
    while _is_error(at):
        stack = at.get("stack")
        if not isinstance(stack, str):
            stack = (
                "" if at is value else f"{at.get('name') or 'Error'}: {at['message']}"
            )
        # The SDK gives an error that ends the retries the traceback of the last one.
        if stack not in told:
            told.add(stack)
            between = ["", "This was the direct cause of:", ""] if lines else []
            lines = [*stack.splitlines(), *between, *lines]
        at = at.get("cause")
    return Shown(
        words=words or "an error that says nothing",
        trace=[_line(line) for line in lines],
        is_read=True,
        value=value,
    )


def _line(line: str) -> str:
    """A line of a traceback, cleaned, with its indentation."""
    indent = len(line) - len(line.lstrip(" "))
    return " " * min(indent, 40) + clean(line.strip(" "))
