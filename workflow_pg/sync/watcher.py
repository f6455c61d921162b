"""Waiting for more of a stream, in the thread of the reader.

The poll, once a second, is what everything rests on. A notification only makes it
faster: who waits listens on a connection of its own, made directly to the server; where
that cannot be had it polls all the same.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import LiteralString
from uuid import uuid4

import psycopg

from workflow_pg.calls.call import Call
from workflow_pg.calls.runs import ANNOUNCE_WAITERS, LISTEN_RUNS, WITHDRAW_WAITERS
from workflow_pg.calls.streams import (
    ANNOUNCE_READERS,
    LISTEN_STREAMS,
    WITHDRAW_READERS,
)
from workflow_pg.errors import WorldClosed, is_transient
from workflow_pg.sync.database import Connection, Database

__all__ = ["Wait", "Watcher"]

log = logging.getLogger("workflow_pg")

Wait = Callable[[int], None]
"""Returns when the chunk of that index may be there, or the stream be closed."""

POLL_SECONDS = 1.0
HINTS_FOR = timedelta(seconds=30)


class Watcher:
    """Wakes the readers of one SyncWorld.

    Args:
        database: Where the streams are.
        listen_dsn: Direct connection for notifications.
    """

    def __init__(self, database: Database, listen_dsn: str) -> None:
        self._database = database
        self._listen_dsn = listen_dsn
        self._closed = Event()

    @contextmanager
    def reading(self, run_id: str, name: str) -> Generator[Wait]:
        """Have a reader of a stream; what it leaves behind goes with the block."""
        ear = _Ear(dsn=self._listen_dsn, listen=LISTEN_STREAMS, closed=self._closed)
        is_announced = False

        def announce(next_index: int) -> Call[set[str]]:
            nonlocal is_announced
            is_announced |= ear.is_open
            return ANNOUNCE_READERS(
                reader_ids=[ear.name],
                run_ids=[run_id],
                names=[name],
                next_indexes=[next_index],
                hints_for=HINTS_FOR if ear.is_open else None,
            )

        try:
            yield lambda next_index: self._wait(ear, lambda: announce(next_index))
        finally:
            ear.close()
            if is_announced and not self._closed.is_set():
                self._withdraw(
                    WITHDRAW_READERS(
                        reader_ids=[ear.name], run_ids=[run_id], names=[name]
                    )
                )

    @contextmanager
    def awaiting_end(self, run_id: str) -> Generator[Callable[[float | None], None]]:
        """Have one that waits for the end of a run; told a time of `monotonic`."""
        ear = _Ear(dsn=self._listen_dsn, listen=LISTEN_RUNS, closed=self._closed)
        is_announced = False

        def announce() -> Call[set[str]]:
            nonlocal is_announced
            is_announced |= ear.is_open
            return ANNOUNCE_WAITERS(
                waiter_ids=[ear.name],
                run_ids=[run_id],
                hints_for=HINTS_FOR if ear.is_open else None,
            )

        try:
            yield lambda deadline: self._wait(ear, announce, deadline)
        finally:
            ear.close()
            if is_announced and not self._closed.is_set():
                self._withdraw(
                    WITHDRAW_WAITERS(waiter_ids=[ear.name], run_ids=[run_id])
                )

    def close(self) -> None:
        """Fail the readers that wait, within a second; again does nothing."""
        self._closed.set()

    def _wait(
        self,
        ear: _Ear,
        announce: Callable[[], Call[set[str]]],
        deadline: float | None = None,
    ) -> None:
        """Return when it is worth to look again, or the time is over."""
        ear.open()
        while not self._has_news(ear, announce):
            left = POLL_SECONDS
            if deadline is not None:
                left = min(left, deadline - time.monotonic())
            if left <= 0:
                return
            ear.wait(left)
            if self._closed.is_set():
                raise WorldClosed("This World was closed while a stream was read.")

    def _has_news(self, ear: _Ear, announce: Callable[[], Call[set[str]]]) -> bool:
        try:
            return ear.name in self._database.run(announce())
        except Exception as error:
            if not is_transient(error):
                raise
            log.info("a reader of a stream looks for itself: %s", error)
            self._closed.wait(POLL_SECONDS)
            return True

    def _withdraw(self, call: Call[None]) -> None:
        try:
            self._database.run(call)
        except Exception as error:
            if not is_transient(error):
                raise
            # It expires.
            log.info("a reader of a stream could not be withdrawn: %s", error)


@dataclass(slots=True, kw_only=True)
class _Ear:
    """One connection that listens for one who waits, made again when it is lost."""

    dsn: str
    listen: LiteralString
    closed: Event
    name: str = field(default_factory=lambda: uuid4().hex)
    connection: Connection | None = None

    @property
    def is_open(self) -> bool:
        """Whether a notification would be heard."""
        return self.connection is not None

    def open(self) -> None:
        """Begin to listen, if that can be had."""
        if self.connection is not None:
            return
        connection = None
        try:
            connection = psycopg.connect(
                self.dsn, autocommit=True, fallback_application_name="workflow-pg"
            )
            connection.execute(self.listen)
        except psycopg.Error as error:
            log.info("notifications are off, polling goes on: %s", error)
            if connection is not None:
                connection.close()
            return
        self.connection = connection

    def wait(self, seconds: float) -> None:
        """Return at the first notification for this one, or after so many seconds."""
        if self.connection is None:
            self.closed.wait(seconds)
            return
        end = time.monotonic() + seconds
        try:
            while (left := end - time.monotonic()) > 0:
                for notification in self.connection.notifies(
                    timeout=left, stop_after=1
                ):
                    if notification.payload == self.name or self.closed.is_set():
                        return
        except psycopg.Error as error:
            log.info("notifications are off, polling goes on: %s", error)
            self.close()

    def close(self) -> None:
        """Listen no longer."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None
