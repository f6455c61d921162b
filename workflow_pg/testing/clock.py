"""The clock of a test: the wall clock, and what the test has added to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, tzinfo

from workflow_pg.sdk import _compat_testing as sdk
from workflow_pg.testing.control import Control
from workflow_pg.testing.errors import WorkbenchError
from workflow_pg.testing.worker import LoopWorker

__all__ = ["Clock", "Offset"]


class Offset:
    """How far a test's clock is ahead of the wall clock, for the SDK to read."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self, zone: tzinfo | None = UTC) -> datetime:
        """The time in a zone."""
        return datetime.now(zone) + self.ahead


class Clock:
    """The one clock of a test's database and of the SDK in its process.

    It goes on by itself as the wall clock does, and jumps when it is told to. What your
    own code asks ``datetime`` or ``time`` for does not jump.

    Args:
        offset: What the SDK reads.
        control: The hand on the database.
        worker: The test's worker.
        settle: Lets it do what is due.
    """

    def __init__(
        self,
        offset: Offset,
        control: Control,
        worker: LoopWorker,
        settle: Callable[[], Awaitable[None]],
    ) -> None:
        self._offset = offset
        self._control = control
        self._worker = worker
        self._settle = settle

    def now(self) -> datetime:
        """What it shows, aware and in UTC."""
        return self._offset.now()

    async def advance(self, duration: timedelta | str) -> None:
        """Let time pass, with all that becomes due in it, in order.

        The test goes on when nothing can go on without more time. A sleep, a
        ``retry_after`` or a wait for a time ends at its own moment, so what follows it
        begins there.

        Args:
            duration: A timedelta, or a text as ``sleep`` takes it, like ``3 days``.

        Raises:
            ValueError: The text is no duration.
            WorkbenchError: It is negative.
            WorkerFailedError: A delivery failed in the worker.
            StuckError: The body of a step did not end.
        """
        __tracebackhide__ = True
        span = sdk.duration(duration) if isinstance(duration, str) else duration
        if span < timedelta(0):
            raise WorkbenchError(f"time does not go back: advance({duration!r})")
        with self._worker.driven():
            await self._settle()
            await self.advance_to(self.now() + span)

    async def advance_to(self, at: datetime) -> None:
        """Let time pass until a moment; see ``advance``.

        Args:
            at: An aware time; when it is over, only what is due is done.

        Raises:
            ValueError: It has no zone.
            WorkerFailedError: A delivery failed in the worker.
            StuckError: The body of a step did not end.
        """
        __tracebackhide__ = True
        if at.utcoffset() is None:
            raise ValueError(f"{at} has no time zone: pass an aware time")
        with self._worker.driven():
            await self._settle()
            while (due := await self.next_due()) is not None and due <= at:
                await self.jump_to(due)
                await self._settle()
            await self.jump_to(at)
            await self._settle()

    async def next_due(self) -> datetime | None:
        """When something happens next by itself; None when nothing does.

        As of the last time that all was done that was due.
        """
        return await self._control.next_due(self._worker.hands.tokens())

    async def jump_to(self, at: datetime) -> None:
        """Show this time at once, unless it is over; do not wait for what is due."""
        # Nothing may begin when only one of the two has moved.
        async with self._worker.claiming:
            # The database counts in milliseconds, and the SDK in microseconds.
            by = at + timedelta(microseconds=-at.microsecond % 1000) - self.now()
            if by <= timedelta(0):
                return
            ahead = self._offset.ahead + by
            leases = self._worker.hands.tokens()
            await self._control.move_clock(ahead, by=by, tokens=leases)
            self._offset.ahead = ahead
        await self._worker.heartbeat()
