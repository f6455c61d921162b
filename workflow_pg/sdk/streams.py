"""``streams_*`` of the SDK's World: each write numbered, each read repeated.

A write is one statement under a number, so a repeat after a lost acknowledgement adds
nothing. The numbers are those of lanes: a lane has one write under way at a time, and a
process has as many lanes as it ever wrote at once, whatever the number of streams.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar
from uuid import uuid4

from workflow_pg.errors import KeyUnavailable
from workflow_pg.models import StreamPage
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk import frames, shapes
from workflow_pg.sdk.context import let_slot_go
from workflow_pg.sdk.run_keys import RunKeys
from workflow_pg.world import World

T = TypeVar("T")

log = logging.getLogger("workflow_pg")

CHUNKS_PER_WRITE = 1000
BYTES_PER_WRITE = 16 * 1024 * 1024
STREAMS_PER_PAGE = 1000
CHUNKS_PER_PAGE = 1000


class Get(Protocol):
    """Makes a call, again while the way to the database fails; translates refusals."""

    async def __call__(self, use: Callable[[World], Awaitable[T]]) -> T:
        """What the call returns."""
        ...


@dataclass(slots=True)
class _Lane:
    writer: str = field(default_factory=lambda: uuid4().hex)
    seq: int = -1


class StreamCalls:
    """The streams of one SDK World.

    Args:
        get: Makes calls.
        open_world: The World of the running loop.
        keys: The keys of runs.
    """

    def __init__(
        self,
        get: Get,
        open_world: Callable[[], Awaitable[World]],
        keys: RunKeys,
    ) -> None:
        self._get = get
        self._open_world = open_world
        self._keys = keys
        self._free_lanes: list[_Lane] = []
        self._pid = os.getpid()

    async def write(self, run_id: str, name: str, chunks: Sequence[bytes]) -> None:
        """Append chunks; on return they are durable."""
        chunks = await self._sealed(run_id, chunks)
        lane = self._take_lane()
        try:
            for group in _groups(chunks):
                await self._write_group(run_id, name, group, lane)
        finally:
            # Also after a failure: what is still on its way then comes too late.
            self._free_lanes.append(lane)

    def _take_lane(self) -> _Lane:
        if self._pid != os.getpid():
            # After a fork the lanes are the parent's.
            self._pid, self._free_lanes = os.getpid(), []
        try:
            return self._free_lanes.pop()
        except IndexError:
            return _Lane()

    async def _write_group(
        self, run_id: str, name: str, group: Sequence[bytes], lane: _Lane
    ) -> None:
        lane.seq += 1
        seq = lane.seq
        reply = await self._get(
            lambda world: world.streams.write(
                run_id, name, *group, writer=lane.writer, seq=seq
            )
        )
        if reply.is_closed and not sdk.is_abort_stream(name):
            log.warning(
                "stream %s of run %s is closed: %s chunks are ignored",
                name,
                run_id,
                len(group),
            )

    async def close(self, run_id: str, name: str) -> None:
        """Close a stream; again is no error."""
        await self._get(lambda world: world.streams.close(run_id, name))

    async def read(
        self, run_id: str, name: str, start: int
    ) -> AsyncGenerator[bytes, None]:
        """Follow a stream until it is closed, through every outage."""

        async def fetch(index: int) -> StreamPage:
            page = await self._get(
                lambda world: world.streams.page(run_id, name, start=index)
            )
            # It may wait for as long as its writer lives, which may need the slot. The
            # SDK's own reader, beside each cancellable step, is no reason to give it.
            if page.is_last and not page.is_closed and not sdk.is_abort_stream(name):
                let_slot_go()
            return page

        world = await self._open_world()
        reading = world.streams.read(run_id, name, start=start, fetch=fetch)
        async with aclosing(reading) as chunks:
            async for chunk in chunks:
                if chunk.data:
                    yield await self._opened(run_id, name, chunk.data)

    async def names(self, run_id: str) -> list[str]:
        """The streams of a run, in the order of their creation."""
        names: list[str] = []
        while True:
            after = names[-1] if names else None
            page = await self._get(
                lambda world, after=after: world.streams.list(
                    run_id, after=after, limit=STREAMS_PER_PAGE
                )
            )
            names += [stream.name for stream in page]
            if len(page) < STREAMS_PER_PAGE:
                return names

    async def page(
        self, run_id: str, name: str, limit: int | None, cursor: str | None
    ) -> sdk.StreamChunksPage:
        """One page; the cursor is an index, and one that is none starts from 0."""
        start = int(cursor) if cursor and cursor.isdecimal() else 0
        most = 100 if limit is None else min(limit, CHUNKS_PER_PAGE)
        found = await self._get(
            lambda world: world.streams.page(run_id, name, start=start, limit=most)
        )
        chunks = [await self._opened(run_id, name, chunk) for chunk in found.chunks]
        return shapes.stream_page(replace(found, chunks=chunks))

    async def info(self, run_id: str, name: str) -> sdk.StreamInfo:
        """How far a stream is and whether it is closed."""
        return shapes.stream_info(
            await self._get(lambda world: world.streams.get(run_id, name))
        )

    async def _sealed(self, run_id: str, chunks: Sequence[bytes]) -> Sequence[bytes]:
        if not any(map(frames.is_open, chunks)):
            return chunks
        key = await self._keys.of_existing(run_id)
        if key is None:
            return chunks
        return [
            frames.sealed(chunk, key) if frames.is_open(chunk) else chunk
            for chunk in chunks
        ]

    async def _opened(self, run_id: str, name: str, chunk: bytes) -> bytes:
        if not frames.is_closed(chunk):
            return chunk
        try:
            key = await self._keys.of_existing(run_id)
            return chunk if key is None else frames.opened(chunk, key)
        except KeyUnavailable as error:
            # Raised here, the SDK would take it for an outage and ask again. It says
            # itself that it cannot read the chunk, but not why.
            log.error("stream %s of run %s: %s", name, run_id, error)  # noqa: TRY400
            return chunk


def _groups(chunks: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """The chunks in groups that one write may carry."""
    group: list[bytes] = []
    size = 0
    for chunk in chunks:
        is_full = len(group) == CHUNKS_PER_WRITE
        if group and (is_full or size + len(chunk) > BYTES_PER_WRITE):
            yield group
            group, size = [], 0
        group.append(chunk)
        size += len(chunk)
    if group:
        yield group
