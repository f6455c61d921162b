"""Streams, and their chunks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A stream, without its chunks.

    ``tail_index`` is the index of the last chunk, -1 when there is none. ``created_at``
    is None when nobody has written to it or closed it yet.
    """

    run_id: str
    name: str
    tail_index: int
    created_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamWrite:
    """What a write to a stream did.

    ``first_index`` is None when it wrote nothing; ``is_closed`` says that it was
    ignored because the stream is closed.
    """

    run_id: str
    name: str
    first_index: int | None
    chunk_count: int
    is_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPage:
    """Consecutive chunks of a stream, and how it stood at that moment.

    The next page starts at ``next_index``. A stream that ``is_closed`` has no chunk
    after ``tail_index``, ever.
    """

    first_index: int
    chunks: list[bytes]
    tail_index: int
    is_closed: bool

    @property
    def next_index(self) -> int:
        """Index after the last chunk of the page."""
        return self.first_index + len(self.chunks)

    @property
    def is_last(self) -> bool:
        """Whether the stream had no chunk after this page."""
        return self.next_index > self.tail_index


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamChunk:
    """One chunk of a stream under its index, counted from 0."""

    index: int
    data: bytes
