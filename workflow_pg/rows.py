"""From row to dataclass, column by column.

Columns are asked for by name, in field order: a column that a newer schema has added
is not sent to an older client, so a rolling upgrade breaks nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from workflow_pg.models import (
    AppendedEvent,
    AppendOutcome,
    AppendReply,
    BuriedMessage,
    CancelOutcome,
    Deletion,
    Delivery,
    Discrepancy,
    Event,
    Finding,
    Hook,
    ImportReply,
    Maintenance,
    Purge,
    PurgePage,
    QueueStat,
    Reason,
    Requeued,
    Run,
    SchemaStamp,
    Step,
    Stream,
    StreamPage,
    StreamWrite,
    Violation,
    Wait,
    Wakening,
    WorkerState,
)

__all__ = [
    "APPENDED_EVENT",
    "APPEND_OUTCOME",
    "APPEND_REPLY",
    "BURIED_MESSAGE",
    "CANCEL_OUTCOME",
    "DELETION",
    "DELIVERY",
    "DISCREPANCY",
    "EVENT",
    "FINDING",
    "HOOK",
    "IMPORT_REPLY",
    "MAINTENANCE",
    "PURGE",
    "PURGE_PAGE",
    "QUEUE_STAT",
    "REASON",
    "REQUEUED",
    "RUN",
    "SCHEMA_STAMP",
    "STEP",
    "STREAM",
    "STREAM_PAGE",
    "STREAM_WRITE",
    "VIOLATION",
    "WAIT",
    "WAKENING",
    "WORKER_STATE",
    "Shape",
    "shape",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shape(Generic[T]):
    """Which columns a ``T`` is read from, and how."""

    into: Callable[..., T]
    names: Sequence[str]
    convert: Mapping[str, Callable[[Any], object]]

    def of(self, alias: str) -> str:
        """``r.run_id, r.status, ...``: the select list."""
        return ", ".join(f"{alias}.{name}" for name in self.names)

    def read(self, values: Sequence[Any]) -> T:
        """The dataclass of one row."""
        row = dict(zip(self.names, values, strict=True))
        for name, convert in self.convert.items():
            if row[name] is not None:
                row[name] = convert(row[name])
        return self.into(**row)


def shape(model: type[T]) -> Shape[T]:
    """How to read a dataclass: enums as members, times in UTC, the rest as it is."""
    convert: dict[str, Callable[[Any], object]] = {}
    for name, hint in get_type_hints(model).items():
        for kind in (hint, *get_args(hint)):
            if kind is datetime:
                convert[name] = _utc
            elif isinstance(kind, type) and issubclass(kind, StrEnum):
                convert[name] = _member(kind)
    names = [field.name for field in fields(model)]  # pyright: ignore[reportArgumentType]
    return Shape(model, names, convert)


def _member(kind: type[StrEnum]) -> Callable[[bytes], StrEnum]:
    # The driver does not know our enums: it leaves their labels as bytes.
    return lambda label: kind(label.decode())


def _utc(at: datetime) -> datetime:
    # The driver gives it the time zone of the session, whatever that is.
    return at.astimezone(UTC)


APPENDED_EVENT = shape(AppendedEvent)
APPEND_REPLY = shape(AppendReply)
APPEND_OUTCOME = shape(AppendOutcome)
CANCEL_OUTCOME = shape(CancelOutcome)
RUN = shape(Run)
STEP = shape(Step)
HOOK = shape(Hook)
WAIT = shape(Wait)
EVENT = shape(Event)
STREAM = shape(Stream)
STREAM_WRITE = shape(StreamWrite)
STREAM_PAGE = shape(StreamPage)
DELIVERY = shape(Delivery)
REASON = shape(Reason)
MAINTENANCE = shape(Maintenance)
PURGE = shape(Purge)
PURGE_PAGE = shape(PurgePage)
VIOLATION = shape(Violation)
SCHEMA_STAMP = shape(SchemaStamp)
WAKENING = shape(Wakening)
DELETION = shape(Deletion)
DISCREPANCY = shape(Discrepancy)
QUEUE_STAT = shape(QueueStat)
BURIED_MESSAGE = shape(BuriedMessage)
REQUEUED = shape(Requeued)
WORKER_STATE = shape(WorkerState)
FINDING = shape(Finding)
IMPORT_REPLY = shape(ImportReply)
