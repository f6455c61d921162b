"""What scenarios ask of the database, whatever the door was."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from tests.doors.door import Door
from tests.doors.values import Event, Page, Paging, Refused
from tests.support import Session, new_run_id

T = TypeVar("T")


def begin(door: Door) -> str:
    """The id of a run that was created and started through a door."""
    run_id = new_run_id()
    door.create_run(run_id, b"in")
    door.start_run(run_id)
    return run_id


def log(db: Session, run_id: str) -> list[Event]:
    """The log of a run, read behind the door."""
    return [
        Event(event["event_type"], event["correlation_id"], event["payload"])
        for event in db.log(run_id)
    ]


@contextmanager
def refused(db: Session, code: int, seconds: int | None = None) -> Generator[None]:
    """Expect a refusal with this number and these seconds, and nothing written."""
    with db.nothing_written(), pytest.raises(Refused) as caught:
        yield
    told = caught.value
    assert (told.code, told.seconds) == (code, seconds), str(told)


def walked(read: Callable[[Paging], Page[T]], *, ascending: bool) -> list[T]:
    """A list in pages of two, each read with the cursor of the one before it."""
    found: list[T] = []
    page = read(Paging(2, ascending=ascending))
    while page.items:
        assert page.cursor is not None
        assert len(page.items) <= 2
        found += page.items
        page = read(Paging(2, page.cursor, ascending=ascending))
    return found
