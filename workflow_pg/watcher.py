"""Waiting for more of a stream or the end of a run: one poll, one LISTEN connection.

Who has read all there is waits here and holds no connection. The poll is what
everything rests on; a notification only makes it faster. Both are started by the first
one that waits, and end some seconds after the last one has gone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import Context
from datetime import timedelta
from functools import partial

from workflow_pg.database import Database
from workflow_pg.errors import WorldClosed, is_transient
from workflow_pg.listener import listening
from workflow_pg.topics import END, KINDS, LISTEN, STREAM, Kind, Topic

__all__ = ["Wait", "Watcher"]

log = logging.getLogger("workflow_pg")

Wait = Callable[[int], Awaitable[None]]
"""Returns when the chunk of that index may be there, or the stream be closed.

For the end of a run the index is 0, and the run may be final, or not there.
"""

POLL_SECONDS = 1.0
LINGER_SECONDS = 5.0
HINTS_FOR = timedelta(seconds=30)
TOPICS_PER_CALL = 1000


class Watcher:
    """Wakes those who wait in one World.

    Args:
        database: Where the streams and runs are.
        listen_dsn: Direct connection for notifications.
    """

    def __init__(self, database: Database, listen_dsn: str) -> None:
        self._database = database
        self._listen_dsn = listen_dsn
        self._topics: dict[tuple[Kind, str, str], Topic] = {}
        self._gone: list[tuple[Kind, Topic]] = []
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_heard = False
        self._is_closed = False

    @contextmanager
    def reading(self, run_id: str, name: str) -> Generator[Wait]:
        """Have a reader of a stream; what it leaves behind goes with the block."""
        with self._using(STREAM, run_id, name) as wait:
            yield wait

    @contextmanager
    def awaiting_end(self, run_id: str) -> Generator[Wait]:
        """Have one that waits for the end of a run; likewise."""
        with self._using(END, run_id, "") as wait:
            yield wait

    @contextmanager
    def _using(self, kind: Kind, run_id: str, name: str) -> Generator[Wait]:
        topic = self._topics.setdefault((kind, run_id, name), Topic(run_id, name))
        topic.users += 1
        try:
            yield partial(self._wait, topic)
        finally:
            topic.users -= 1
            if topic.users == 0:
                del self._topics[kind, run_id, name]
                if topic.is_announced:
                    self._gone.append((kind, topic))
                    self._changed.set()

    async def close(self) -> None:
        """Fail those that wait, and end; a second time does nothing."""
        self._is_closed = True
        for topic in self._topics.values():
            topic.wake(WorldClosed("This World was closed while somebody waited."))
        # Also for a task that loses its cancellation: before Python 3.12 one does when
        # it waits for a connection that becomes free at that moment.
        self._changed.set()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _wait(self, topic: Topic, next_index: int) -> None:
        if self._is_closed:
            raise WorldClosed("This World is closed: make a new one.")
        future = asyncio.get_running_loop().create_future()
        topic.waiting[future] = next_index
        topic.is_asked = False
        self._changed.set()
        if self._task is None:
            # For all that wait, so not in the context of the first one.
            self._task = asyncio.create_task(self._watch(), context=Context())
            self._tasks.add(self._task)
            self._task.add_done_callback(self._tasks.discard)
        try:
            await future
        finally:
            topic.waiting.pop(future, None)

    async def _watch(self) -> None:
        async with listening(self._listen_dsn, LISTEN, self._on_hint):
            error = None
            try:
                await self._serve()
            except Exception as failure:
                error = failure
            # From here on whoever waits starts anew.
            self._task = None
            self._is_heard = False
            for topic in self._topics.values():
                topic.wake(error)

    async def _serve(self) -> None:
        """Ask for whoever waits, until nobody has waited for some seconds."""
        loop = asyncio.get_running_loop()
        next_poll = next_end = loop.time()
        while not self._is_closed:
            self._changed.clear()
            is_poll = loop.time() >= next_poll
            if is_poll:
                next_poll = loop.time() + POLL_SECONDS
            for kind in KINDS:
                await self._ask(
                    kind,
                    [
                        topic
                        for (its_kind, _, _), topic in self._topics.items()
                        if its_kind is kind
                        and topic.waiting
                        and (is_poll or not topic.is_asked)
                    ],
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

    async def _ask(self, kind: Kind, topics: Sequence[Topic]) -> None:
        for asked in _parts(topics):
            for topic in asked:
                topic.is_asked = True
                topic.is_announced |= self._is_heard
            try:
                news = await self._database.run(
                    kind.ask(asked, HINTS_FOR if self._is_heard else None)
                )
            except Exception as error:
                if not is_transient(error):
                    raise
                log.info("whoever waits looks for itself: %s", error)
                await asyncio.sleep(POLL_SECONDS)
                news = {topic.hint_id for topic in asked}
            for topic in asked:
                if topic.hint_id in news:
                    topic.wake()

    async def _withdraw(self) -> None:
        gone, self._gone = self._gone, []
        for kind in KINDS:
            for part in _parts([topic for its, topic in gone if its is kind]):
                try:
                    await self._database.run(kind.withdraw(part))
                except Exception as error:
                    if not is_transient(error):
                        raise
                    # They expire.
                    log.info("announcements could not be withdrawn: %s", error)

    def _on_hint(self, hint_id: str) -> None:
        if not hint_id:
            self._is_heard = True
            for topic in self._topics.values():
                topic.is_asked = False
            self._changed.set()
        for topic in self._topics.values():
            if topic.hint_id == hint_id:
                topic.wake()


def _parts(topics: Sequence[Topic]) -> list[Sequence[Topic]]:
    """As many at a time as a call takes."""
    return [
        topics[first : first + TOPICS_PER_CALL]
        for first in range(0, len(topics), TOPICS_PER_CALL)
    ]
