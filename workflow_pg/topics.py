"""What is waited for in a process: more of a stream, or the end of a run.

However many wait for one thing, they are announced to the database as one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import uuid4

from workflow_pg.calls.call import Call
from workflow_pg.calls.runs import ANNOUNCE_WAITERS, LISTEN_RUNS, WITHDRAW_WAITERS
from workflow_pg.calls.streams import (
    ANNOUNCE_READERS,
    LISTEN_STREAMS,
    WITHDRAW_READERS,
)

__all__ = ["END", "KINDS", "LISTEN", "STREAM", "Kind", "Topic"]

# On one connection; not through a pooler.
LISTEN: Final = f"{LISTEN_STREAMS}; {LISTEN_RUNS}"


@dataclass(slots=True, eq=False)
class Topic:
    """A stream or the end of a run that somebody here waits for.

    ``waiting`` says for each who waits the index of the chunk; 0 for the end of a run.
    """

    run_id: str
    name: str
    hint_id: str = field(default_factory=lambda: uuid4().hex)
    users: int = 0
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
                    # Seen, also when who waits is cancelled before it sees it.
                    future.exception()
        self.waiting.clear()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of topic: the calls by which it is asked after, and withdrawn."""

    ask: Callable[[Sequence[Topic], timedelta | None], Call[set[str]]]
    withdraw: Callable[[Sequence[Topic]], Call[None]]


def _ask_readers(
    topics: Sequence[Topic], hints_for: timedelta | None
) -> Call[set[str]]:
    return ANNOUNCE_READERS(
        reader_ids=[topic.hint_id for topic in topics],
        run_ids=[topic.run_id for topic in topics],
        names=[topic.name for topic in topics],
        next_indexes=[min(topic.waiting.values(), default=0) for topic in topics],
        hints_for=hints_for,
    )


def _withdraw_readers(topics: Sequence[Topic]) -> Call[None]:
    return WITHDRAW_READERS(
        reader_ids=[topic.hint_id for topic in topics],
        run_ids=[topic.run_id for topic in topics],
        names=[topic.name for topic in topics],
    )


def _ask_waiters(
    topics: Sequence[Topic], hints_for: timedelta | None
) -> Call[set[str]]:
    return ANNOUNCE_WAITERS(
        waiter_ids=[topic.hint_id for topic in topics],
        run_ids=[topic.run_id for topic in topics],
        hints_for=hints_for,
    )


def _withdraw_waiters(topics: Sequence[Topic]) -> Call[None]:
    return WITHDRAW_WAITERS(
        waiter_ids=[topic.hint_id for topic in topics],
        run_ids=[topic.run_id for topic in topics],
    )


STREAM: Final = Kind(_ask_readers, _withdraw_readers)
END: Final = Kind(_ask_waiters, _withdraw_waiters)
KINDS: Final = (STREAM, END)
