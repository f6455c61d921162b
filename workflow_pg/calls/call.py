"""What a call is: one statement, so one round trip and one transaction."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import isfinite
from typing import Any, Generic, TypeVar, cast

from psycopg.types.json import Jsonb

from workflow_pg.errors import MalformedCall
from workflow_pg.rows import Shape

__all__ = [
    "Call",
    "Rows",
    "Statement",
    "column",
    "each",
    "each_or_none",
    "nothing",
    "one",
    "text",
    "texts",
    "truth",
]

T = TypeVar("T")

Rows = Sequence[Sequence[Any]]

_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_TEXT = (
    "has a character that PostgreSQL cannot store: leave out U+0000 and halves of"
    " surrogate pairs"
)
_NO_NUMBER = "has NaN or an infinity, which JSON has not: pass a text"


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A statement with its arguments, and how to read what comes back."""

    text: bytes
    arguments: Mapping[str, object]
    read: Callable[[Rows], T]

    def within(self, epoch: str) -> Call[T]:
        """The same call, refused as a whole where the epoch is another one."""
        # Whatever is evaluated first: the raise undoes the statement.
        guard = b" where workflow_pg.epoch(%(epoch)s) is not null"
        return Call(self.text + guard, {**self.arguments, "epoch": epoch}, self.read)


@dataclass(frozen=True, slots=True)
class Statement(Generic[T]):
    """A statement that waits for its arguments.

    Its text is bytes and never changes, so that the server prepares it once.
    """

    text: bytes
    read: Callable[[Rows], T]

    def __call__(self, **arguments: object) -> Call[T]:
        """The call with these arguments.

        Raises:
            MalformedCall: A time has no zone, PostgreSQL cannot store a text, or JSON
                has no such number.
        """
        sent = {name: _sent(name, value) for name, value in arguments.items()}
        return Call(self.text, sent, self.read)


def one(shape: Shape[T], function: str) -> Statement[T]:
    """A function that returns one row, or raises."""
    return Statement(_columns(shape, function), lambda rows: shape.read(rows[0]))


def each(shape: Shape[T], function: str) -> Statement[list[T]]:
    """A function that returns rows, in their order."""
    return Statement(
        _columns(shape, function), lambda rows: [shape.read(row) for row in rows]
    )


def each_or_none(shape: Shape[T], function: str) -> Statement[list[T | None]]:
    """A function that returns rows, with nulls alone where there is nothing."""
    return Statement(
        _columns(shape, function),
        lambda rows: [None if row[0] is None else shape.read(row) for row in rows],
    )


def text(function: str) -> Statement[str]:
    """A function that returns one text."""
    return Statement(_values(function), lambda rows: rows[0][0])


def truth(function: str) -> Statement[bool]:
    """A function that returns a boolean."""
    return Statement(_values(function), lambda rows: rows[0][0])


def texts(function: str) -> Statement[set[str]]:
    """A function that returns texts, in no order."""
    return Statement(_values(function), lambda rows: {row[0] for row in rows})


def nothing(function: str) -> Statement[None]:
    """A function that returns nothing, or raises."""
    return Statement(f"select from {function}".encode(), lambda _: None)


def column(values: Iterable[object], *, default: object = None) -> list[object] | None:
    """One of several parallel arrays; None when it would hold nothing but defaults.

    An array of nulls alone has no type that the driver could know.
    """
    array = list(values)
    return None if all(value == default for value in array) else array


def _columns(shape: Shape[T], function: str) -> bytes:
    return f"select {shape.of('r')} from {function} as r".encode()


def _values(function: str) -> bytes:
    return f"select r.value from {function} as r (value)".encode()


def _sent(name: str, value: object) -> object:
    try:
        fault = _fault(value)
    except RecursionError:
        fault = "is nested too deeply: pass less, or bytes"
    if fault is not None:
        raise MalformedCall(f"{name} {fault}", detail={"argument": name})
    return _converted(name, value)


def _converted(name: str, value: object) -> object:
    if isinstance(value, StrEnum):
        # The driver would send the name of the member.
        return value.value
    if isinstance(value, Mapping):
        return Jsonb(cast("Mapping[str, object]", value))
    if isinstance(value, bytearray | memoryview):
        return bytes(cast("bytearray", value))
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        # A tuple would be sent as a row.
        return [_converted(name, held) for held in cast("Sequence[object]", value)]
    if isinstance(value, datetime) and value.utcoffset() is None:
        raise MalformedCall(
            f"{name} {value} has no time zone: pass an aware time",
            detail={"argument": name},
        )
    return value


def _fault(value: object) -> str | None:
    """What the server would not take in a value, JSON included."""
    if isinstance(value, str):
        if "\0" in value or _SURROGATE.search(value):
            return _NO_TEXT
    elif isinstance(value, float):
        if not isfinite(value):
            return _NO_NUMBER
    elif isinstance(value, Jsonb):
        return _fault(value.obj)
    elif isinstance(value, Mapping):
        return _fault([*cast("Mapping[object, object]", value).items()])
    elif isinstance(value, list | tuple):
        held = map(_fault, cast("Sequence[object]", value))
        return next((fault for fault in held if fault is not None), None)
    return None
