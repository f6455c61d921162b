"""Values that all doors share, and their refusals. Payloads are bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Refused(Exception):
    """A door refused a call: the number of the code, and seconds if it tells any."""

    def __init__(self, code: int, seconds: int | None, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Run:
    """A run as every door can tell it."""

    run_id: str
    status: str
    input: bytes | None
    output: bytes | None
    error: bytes | None
    error_code: str | None
    cancel_reason: str | None
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """A step as every door can tell it."""

    step_id: str
    name: str
    status: str
    attempt: int
    input: bytes | None
    output: bytes | None
    error: bytes | None


@dataclass(frozen=True, slots=True)
class Hook:
    """A live hook as every door can tell it."""

    run_id: str
    hook_id: str
    token: str
    metadata: bytes | None


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a log as every door can tell it."""

    type: str
    correlation_id: str | None
    payload: bytes | None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list, and where the list goes on."""

    items: list[T]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is asked for."""

    limit: int
    cursor: str | None = None
    ascending: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a batch."""

    type: str
    correlation_id: str
    payload: bytes | None = None
    facts: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message under a lease. `held` is what the door wants to see again."""

    run_id: str
    message_id: str
    kind: str
    attempt: int
    note: str | None
    held: Any
