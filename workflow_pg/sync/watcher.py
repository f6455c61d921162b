"""Waiting for more of a stream, in the thread of the reader.

The poll, once a second, is what everything rests on. A notification only makes it
faster: a reader that waits listens on a connection of its own, made directly to the
server; where that cannot be had it polls all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from uuid import uuid4

import psycopg

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
        reader = _Reader(self._database, self._listen_dsn, self._closed, run_id, name)
        try:
            yield reader.wait
        finally:
            reader.end()

    def close(self) -> None:
        """Fail the readers that wait, within a second; again does nothing."""
        self._closed.set()


class _Reader:
    """One reader, in one thread."""

    def __init__(
        self,
        database: Database,
        listen_dsn: str,
        closed: Event,
        run_id: str,
        name: str,
    ) -> None:
        self._database = database
        self._listen_dsn = listen_dsn
        self._closed = closed
        self._run_id = run_id
        self._name = name
        self._reader_id = uuid4().hex
        self._ear: Connection | None = None
        self._is_announced = False

    def wait(self, next_index: int) -> None:
        """Return when it is worth to read on.

        Raises:
            WorldClosed: The World was closed.
        """
        self._listen()
        while not self._has_news(next_index):
            self._pause()
            if self._closed.is_set():
                raise WorldClosed("This World was closed while a stream was read.")

    def end(self) -> None:
        """Leave nothing behind."""
        self._deafen()
        if not self._is_announced or self._closed.is_set():
            # What is left expires.
            return
        try:
            self._database.run(
                WITHDRAW_READERS(
                    reader_ids=[self._reader_id],
                    run_ids=[self._run_id],
                    names=[self._name],
                )
            )
        except Exception as error:
            if not is_transient(error):
                raise
            log.info("a reader of a stream could not be withdrawn: %s", error)

    def _has_news(self, next_index: int) -> bool:
        is_heard = self._ear is not None
        try:
            news = self._database.run(
                ANNOUNCE_READERS(
                    reader_ids=[self._reader_id],
                    run_ids=[self._run_id],
                    names=[self._name],
                    next_indexes=[next_index],
                    hints_for=HINTS_FOR if is_heard else None,
                )
            )
        except Exception as error:
            if not is_transient(error):
                raise
            log.info("a reader of a stream looks for itself: %s", error)
            self._closed.wait(POLL_SECONDS)
            return True
        self._is_announced |= is_heard
        return self._reader_id in news

    def _pause(self) -> None:
        """Wait for a notification, or a second without one."""
        if self._ear is None:
            self._closed.wait(POLL_SECONDS)
            return
        try:
            for notification in self._ear.notifies(timeout=POLL_SECONDS):
                if notification.payload == self._reader_id or self._closed.is_set():
                    return
        except psycopg.Error as error:
            log.info("notifications are off, polling goes on: %s", error)
            self._deafen()

    def _listen(self) -> None:
        if self._ear is not None:
            return
        ear = None
        try:
            ear = psycopg.connect(
                self._listen_dsn,
                autocommit=True,
                fallback_application_name="workflow-pg",
            )
            ear.execute(LISTEN_STREAMS)
        except psycopg.Error as error:
            log.info("notifications are off, polling goes on: %s", error)
            if ear is not None:
                ear.close()
            return
        self._ear = ear

    def _deafen(self) -> None:
        if self._ear is not None:
            self._ear.close()
            self._ear = None
