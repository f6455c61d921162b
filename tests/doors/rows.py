"""What typed doors answer, models and rows alike, as values of `door`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from tests.doors.values import Delivery, Event, Hook, Page, Run, Step

Row = Mapping[str, Any]
T = TypeVar("T")


def run_of(row: Row) -> Run:
    """A run of a row."""
    return Run(
        run_id=row["run_id"],
        status=row["status"],
        input=row["input"],
        output=row["output"],
        error=row["error"],
        error_code=row["error_code"],
        cancel_reason=row["cancel_reason"],
        attributes=row["attributes"],
    )


def step_of(row: Row) -> Step:
    """A step of a row."""
    return Step(
        step_id=row["step_id"],
        name=row["step_name"],
        status=row["status"],
        attempt=row["attempt"],
        input=row["input"],
        output=row["output"],
        error=row["error"],
    )


def hook_of(row: Row) -> Hook:
    """A hook of a row."""
    return Hook(row["run_id"], row["hook_id"], row["token"], row["metadata"])


def event_of(row: Row) -> Event:
    """An event of a row."""
    return Event(row["event_type"], row["correlation_id"], row["payload"])


def delivery_of(row: Row, held: object) -> Delivery:
    """A delivery of a row."""
    body = row["body"]
    return Delivery(
        run_id=row["run_id"],
        message_id=row["message_id"],
        kind=row["kind"],
        attempt=row["attempt"],
        note=None if body is None else json.loads(body)["note"],
        held=held,
    )


def page_of(
    rows: Sequence[Row], item: Callable[[Row], T], cursor: str = "cursor"
) -> Page[T]:
    """A page of rows, each of which knows where the list goes on after it."""
    return Page([item(row) for row in rows], rows[-1][cursor] if rows else None)


def first_chunks(
    first_index: int, chunks: Sequence[bytes], *, is_closed: bool
) -> tuple[list[tuple[int, bytes]], bool]:
    """What `Door.read_stream` gives of a page."""
    return list(enumerate(chunks, first_index)), is_closed
