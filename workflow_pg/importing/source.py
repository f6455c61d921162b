"""The other database: read only, a page of runs in one snapshot at a time."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, cast

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg.sql import Composed

from workflow_pg.calls import foreign as calls
from workflow_pg.importing.documents import Rows

__all__ = ["Chunks", "Source", "Unreadable"]

CHUNKS = 100
CHUNK_BYTES = 4 * 1024 * 1024


class Unreadable(Exception):
    """The other database cannot be read: it cannot be reached, or is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunks:
    """Consecutive chunks of a stream; ``closed_at`` when it was closed after them."""

    name: str
    first_index: int
    chunks: list[bytes]
    created_at: datetime
    closed_at: datetime | None


class Source:
    """A connection to it, which writes nothing."""

    def __init__(
        self, connection: AsyncConnection[DictRow], columns: dict[str, set[str]]
    ) -> None:
        self._connection = connection
        self._columns = columns
        self._queries: dict[tuple[str, str], bytes] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, dsn: str) -> AsyncGenerator[Source]:
        """Connect, and look what is there.

        Raises:
            Unreadable: It cannot be reached, or has other tables.
        """
        with _reading():
            connection = await AsyncConnection[DictRow].connect(
                dsn, autocommit=True, row_factory=dict_row
            )
        async with connection:
            source = cls(connection, {})
            with _reading():
                await connection.execute(calls.PREPARE_SESSION)
            columns = source._columns
            for row in await source._read(calls.WHAT_IS_THERE):
                columns.setdefault(row["relname"], set()).add(row["attname"])
            needed = {"workflow_runs", "workflow_steps", "workflow_events"}
            if missing := sorted(needed - columns.keys()):
                raise Unreadable(
                    f"The other database has no workflow.{missing[0]} that its login"
                    " may read: it is no database of @workflow/world-postgres, or"
                    " SELECT is missing."
                )
            yield source

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[None]:
        """Everything that is read inside is of one moment."""
        async with self._connection.transaction():
            yield

    async def runs(self, after: str, limit: int) -> list[str]:
        """The ids of the next runs, in their order."""
        page = {"after": after, "limit": limit}
        return [row["id"] for row in await self._read(calls.NEXT_RUNS, page)]

    async def rows_of(self, run_id: str) -> Rows:
        """Everything of a run but its streams."""
        mine: LiteralString = "where t.run_id = %(run_id)s"
        of = {"run_id": run_id}
        # The order in which the other database lists them.
        in_order: LiteralString = f'{mine} order by t.id collate "C"'
        (run,) = await self._rows("workflow_runs", "where t.id = %(run_id)s", **of)
        return Rows(
            run=run,
            steps=await self._rows("workflow_steps", mine, **of),
            hooks=await self._rows("workflow_hooks", mine, **of),
            waits=await self._rows("workflow_waits", mine, **of),
            events=await self._rows("workflow_events", in_order, **of),
        )

    async def nameless_streams(self) -> list[str]:
        """Streams whose chunks are from before they named their run."""
        if "run_id" not in self._columns.get("workflow_stream_chunks", set()):
            return []
        return [row["stream_id"] for row in await self._read(calls.NAMELESS_STREAMS)]

    async def chunks(self, run_id: str, nameless: list[str]) -> AsyncGenerator[Chunks]:
        """The streams of a run, until each was closed or as far as it has been written.

        At most 100 chunks or about 4 MiB at a time.
        """
        if "run_id" not in self._columns.get("workflow_stream_chunks", set()):
            return
        mine = {"run_id": run_id, "nameless": nameless}
        for stream in await self._read(calls.STREAMS, mine):
            async for page in self._stream(stream["stream_id"], stream["created_at"]):
                yield page

    async def _stream(self, name: str, created_at: datetime) -> AsyncGenerator[Chunks]:
        first, chunks, size = 0, list[bytes](), 0

        def page(closed_at: datetime | None) -> Chunks:
            return Chunks(
                name=name,
                first_index=first,
                chunks=chunks,
                created_at=created_at,
                closed_at=closed_at,
            )

        async with self._connection.cursor("chunks") as cursor:
            cursor.itersize = 8
            with _reading():
                await cursor.execute(calls.CHUNKS, {"name": name})
            async for row in cursor:
                if row["eof"]:
                    yield page(row["created_at"])
                    return
                if len(chunks) == CHUNKS or size >= CHUNK_BYTES:
                    yield page(None)
                    first, chunks, size = first + len(chunks), [], 0
                chunks.append(row["data"])
                size += len(row["data"])
        yield page(None)

    async def left_behind(self) -> AsyncGenerator[tuple[str, str, str, str]]:
        """What belongs to no run there: kind, run, id and why, row by row."""
        for kind, table in calls.ORPHANS.items():
            if table not in self._columns:
                continue
            for row in await self._read(calls.orphans(table)):
                what = f"{row['count']} {kind}s of a run that is not there"
                yield kind, row["run_id"], "", what
        if "run_id" in self._columns.get("workflow_stream_chunks", set()):
            for row in await self._read(calls.STREAMS_WITHOUT_RUN):
                what = f"{row['count']} chunks of a run that is not there"
                yield "stream", row["run_id"], row["id"], what

    async def queued(self) -> AsyncGenerator[tuple[str, dict[str, Any]]]:
        """Messages that can be read, with the ids of their jobs."""
        if "payload" not in self._columns.get("_private_jobs", set()):
            return
        for row in await self._read(calls.JOBS):
            try:
                message = json.loads(b64decode(row["data"]))
            except ValueError:
                # A job of somebody else.
                continue
            if isinstance(message, dict):
                yield row["id"], cast("dict[str, Any]", message)

    async def _rows(
        self, table: LiteralString, rest: LiteralString, **arguments: object
    ) -> list[DictRow]:
        there = self._columns.get(table)
        if there is None:
            return []
        wanted = {
            "workflow_runs": calls.RUNS,
            "workflow_steps": calls.STEPS,
            "workflow_hooks": calls.HOOKS,
            "workflow_waits": calls.WAITS,
            "workflow_events": calls.EVENTS,
        }[table]
        query = self._queries.get((table, rest))
        if query is None:
            query = calls.reading(table, wanted, there, rest).as_bytes(self._connection)
            self._queries[table, rest] = query
        return await self._read(query, arguments)

    async def _read(
        self,
        query: LiteralString | Composed | bytes,
        arguments: Mapping[str, object] | None = None,
    ) -> list[DictRow]:
        with _reading():
            cursor = await self._connection.execute(query, arguments)
            return await cursor.fetchall()


@contextmanager
def _reading() -> Generator[None]:
    try:
        yield
    except psycopg.Error as error:
        sentence = str(error).partition("\n")[0]
        raise Unreadable(f"The other database cannot be read: {sentence}") from error
