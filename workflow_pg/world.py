"""The World on PostgreSQL: every method of its facades is one call of one function."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from types import TracebackType
from typing import Self

from workflow_pg import schema
from workflow_pg.database import Database, Runner
from workflow_pg.models import SchemaStamp
from workflow_pg.operations import Operations
from workflow_pg.queue import Queue
from workflow_pg.storage.events import Events
from workflow_pg.storage.hooks import Hooks
from workflow_pg.storage.imports import Imports
from workflow_pg.storage.runs import Runs
from workflow_pg.storage.steps import Steps
from workflow_pg.storage.streams import Streams
from workflow_pg.storage.waits import Waits
from workflow_pg.watcher import Watcher

__all__ = ["World"]


class World:
    """Runs, steps, events, hooks, waits, streams and the queue of one database.

    A World belongs to one event loop. It opens its connections at the first call,
    or at ``open``; close it, or use it as an async context manager. Every method of
    its facades also takes the caller's own ``connection``: the call then is a part of
    the caller's transaction, and the pool is not touched.

    Args:
        dsn: Connection string, as a URL or as ``key=value`` pairs.
        min_size: Connections to keep open.
        max_size: Connections to open at most.
        prepare_threshold: Calls after which a statement is prepared; None: never,
            as poolers in transaction mode may need it.
        timeout: Seconds that a call waits for a free connection.
        listen_dsn: Direct connection for the notifications that readers of streams,
            and those who wait for the end of a run, wait for; default is ``dsn``.
        epoch: Says at each call in which epoch its caller has read, None for whoever
            may be in any; see ``World.epoch``.
    """

    def __init__(
        self,
        dsn: str,
        *,
        min_size: int = 1,
        max_size: int = 10,
        prepare_threshold: int | None = 5,
        timeout: float = 10.0,
        listen_dsn: str | None = None,
        epoch: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._database = Database(
            dsn,
            min_size=min_size,
            max_size=max_size,
            prepare_threshold=prepare_threshold,
            timeout=timeout,
            epoch=epoch,
        )
        self._watcher = Watcher(self._database, listen_dsn or dsn)
        self.streams = Streams(self._database, self._watcher)
        self._call_through(self._database)

    def calling_through(self, runner: Runner) -> World:
        """A twin of this World whose calls are made by another.

        Streams stay with this World: their readers wait, which is no call.
        """
        twin = copy(self)
        twin._call_through(runner)
        return twin

    def _call_through(self, runner: Runner) -> None:
        self.runs = Runs(runner, self._watcher)
        self.steps = Steps(runner)
        self.events = Events(runner)
        self.hooks = Hooks(runner)
        self.waits = Waits(runner)
        self.queue = Queue(runner)
        self.operations = Operations(runner)
        self.imports = Imports(runner)

    async def open(self) -> None:
        """Open the connections; a second time does nothing.

        Raises:
            Unreachable: The string cannot be read, or the server cannot be reached.
            WorldClosed: It was closed before.
        """
        await self._database.open()

    async def close(self) -> None:
        """Close the connections for good; a second time does nothing.

        Readers that wait for more of a stream end with WorldClosed.
        """
        await self._watcher.close()
        await self._database.close()

    async def check_schema(self) -> SchemaStamp:
        """Refuse a database that this package cannot work with.

        Returns:
            What is installed, and where.

        Raises:
            SchemaUnusable: The schema is missing, half-migrated, older or newer than
                this package, or closed to this login. Nothing was written.

        SQL: workflow_pg.schema_version
        """
        return await schema.check(self._database)

    async def epoch(self, expected: str | None = None) -> str:
        """The history that the database has: another text after a restore or failover.

        Args:
            expected: The epoch that the caller has read in; None to ask.

        Returns:
            The epoch, to be compared only.

        Raises:
            HistoryCut: It is another one (WF409). Nothing was written.

        SQL: workflow_pg.epoch
        """
        return await schema.epoch(self._database, expected)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
