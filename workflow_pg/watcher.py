"""Waiting for more of a stream: one poll and one LISTEN connection for all readers.

A reader that has read all there is waits here and holds no connection. The poll is what
everything rests on; a notification only makes it faster. Both are started by the first
reader that waits, and end some seconds after the last one has gone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from uuid import uuid4

from workflow_pg.calls.streams import (
    ANNOUNCE_READERS,
    LISTEN_STREAMS,
    WITHDRAW_READERS,
)
from workflow_pg.database import Database
from workflow_pg.errors import WorldClosed, is_transient
from workflow_pg.listener import listening

__all__ = ["Wait", "Watcher"]

log = logging.getLogger("workflow_pg")

Wait = Callable[[int], Awaitable[None]]
"""Returns when the chunk of that index may be there, or the stream be closed."""

POLL_SECONDS = 1.0
LINGER_SECONDS = 5.0
HINTS_FOR = timedelta(seconds=30)
READERS_PER_CALL = 1000


@dataclass(slots=True, eq=False)
class _Topic:
    """A stream that somebody here reads; however many do, they are announced as one."""

    run_id: str
    name: str
    reader_id: str = field(default_factory=lambda: uuid4().hex)
    readers: int = 0
    waiting: dict[asyncio.Future[None], int] = field(
        default_factory=dict[asyncio.Future[None], int]
    )
    is_asked: bool = False
    is_announced: bool = False

    def wake(self, error: Exception | None = None) -> None:
        """Let those that wait look for themselves, or tell them what is wrong."""
        for future in self.waiting:
            if not future.done():
                if error is None:
                    future.set_result(None)
                else:
                    future.set_exception(error)
                    # Seen, also when the reader is cancelled before it sees it.
                    future.exception()
        self.waiting.clear()


class Watcher:
    """Wakes the readers of one World.

    Args:
        database: Where the streams are.
        listen_dsn: Direct connection for notifications.
    """

    def __init__(self, database: Database, listen_dsn: str) -> None:
        self._database = database
        self._listen_dsn = listen_dsn
        self._topics: dict[tuple[str, str], _Topic] = {}
        self._gone: list[_Topic] = []
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_heard = False
        self._is_closed = False

    @contextmanager
    def reading(self, run_id: str, name: str) -> Generator[Wait]:
        """Have a reader of a stream; what it leaves behind goes with the block."""
        topic = self._topics.setdefault((run_id, name), _Topic(run_id, name))
        topic.readers += 1
        try:
            yield partial(self._wait, topic)
        finally:
            topic.readers -= 1
            if topic.readers == 0:
                del self._topics[run_id, name]
                if topic.is_announced:
                    self._gone.append(topic)
                    self._changed.set()

    async def close(self) -> None:
        """Fail the readers that wait, and end; a second time does nothing."""
        self._is_closed = True
        for topic in self._topics.values():
            topic.wake(WorldClosed("This World was closed while a stream was read."))
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _wait(self, topic: _Topic, next_index: int) -> None:
        if self._is_closed:
            raise WorldClosed("This World is closed: make a new one.")
        future = asyncio.get_running_loop().create_future()
        topic.waiting[future] = next_index
        topic.is_asked = False
        self._changed.set()
        if self._task is None:
            # For all readers, so not in the context of the first one.
            self._task = asyncio.create_task(self._watch(), context=Context())
            self._tasks.add(self._task)
            self._task.add_done_callback(self._tasks.discard)
        try:
            await future
        finally:
            topic.waiting.pop(future, None)

    async def _watch(self) -> None:
        async with listening(self._listen_dsn, LISTEN_STREAMS, self._on_hint):
            error = None
            try:
                await self._serve()
            except Exception as failure:
                error = failure
            # From here on a reader that waits starts anew.
            self._task = None
            self._is_heard = False
            for topic in self._topics.values():
                topic.wake(error)

    async def _serve(self) -> None:
        """Ask for whoever waits, until nobody has read anything for some seconds."""
        loop = asyncio.get_running_loop()
        next_poll = next_end = loop.time()
        while True:
            self._changed.clear()
            is_poll = loop.time() >= next_poll
            if is_poll:
                next_poll = loop.time() + POLL_SECONDS
            await self._ask(
                [
                    topic
                    for topic in self._topics.values()
                    if topic.waiting and (is_poll or not topic.is_asked)
                ]
            )
            await self._withdraw()
            if self._topics:
                next_end = loop.time() + LINGER_SECONDS
            elif loop.time() >= next_end:
                return
            try:
                async with asyncio.timeout_at(next_poll):
                    await self._changed.wait()
            except TimeoutError:
                pass

    async def _ask(self, topics: Sequence[_Topic]) -> None:
        for first in range(0, len(topics), READERS_PER_CALL):
            asked = topics[first : first + READERS_PER_CALL]
            for topic in asked:
                topic.is_asked = True
                topic.is_announced |= self._is_heard
            try:
                news = await self._database.run(
                    ANNOUNCE_READERS(
                        reader_ids=[topic.reader_id for topic in asked],
                        run_ids=[topic.run_id for topic in asked],
                        names=[topic.name for topic in asked],
                        next_indexes=[
                            min(topic.waiting.values(), default=0) for topic in asked
                        ],
                        hints_for=HINTS_FOR if self._is_heard else None,
                    )
                )
            except Exception as error:
                if not is_transient(error):
                    raise
                log.info("readers of streams look for themselves: %s", error)
                await asyncio.sleep(POLL_SECONDS)
                news = {topic.reader_id for topic in asked}
            for topic in asked:
                if topic.reader_id in news:
                    topic.wake()

    async def _withdraw(self) -> None:
        while self._gone:
            gone, self._gone = (
                self._gone[:READERS_PER_CALL],
                self._gone[READERS_PER_CALL:],
            )
            try:
                await self._database.run(
                    WITHDRAW_READERS(
                        reader_ids=[topic.reader_id for topic in gone],
                        run_ids=[topic.run_id for topic in gone],
                        names=[topic.name for topic in gone],
                    )
                )
            except Exception as error:
                if not is_transient(error):
                    raise
                # They expire.
                log.info("readers of streams could not be withdrawn: %s", error)

    def _on_hint(self, reader_id: str) -> None:
        if not reader_id:
            self._is_heard = True
            for topic in self._topics.values():
                topic.is_asked = False
            self._changed.set()
        for topic in self._topics.values():
            if topic.reader_id == reader_id:
                topic.wake()
