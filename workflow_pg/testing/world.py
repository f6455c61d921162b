"""The World of a test: the one of production, with an ear and a hand in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, TypeVar

from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk import under_test
from workflow_pg.sdk._compat_testing import installed_world, other_time
from workflow_pg.sdk.context import Held, current
from workflow_pg.sdk.world import PostgresWorld
from workflow_pg.testing.errors import WorkerCrash
from workflow_pg.testing.faults import Faults
from workflow_pg.world import World

__all__ = ["Hand", "WorldUnderTest", "installed"]

T = TypeVar("T")

_POLL_SECONDS = 0.02
_ENDS_OF_BODIES = (
    sdk.StepCompletedEvent,
    sdk.StepFailedEvent,
    sdk.StepRetryingEvent,
)


@dataclass(slots=True, kw_only=True)
class Hand(Held):
    """A delivery in hand.

    ``awaited_run`` is the run of others whose end it was last seen waiting for;
    ``is_dead`` says that its worker has died.
    """

    awaited_run: str | None = None
    is_dead: bool = False


class WorldUnderTest(PostgresWorld):
    """A World on the database of one test.

    Args:
        dsn: The database.
        faults: Where workers are to die.
        abandon: Leaves a delivery as a dead worker does.
    """

    def __init__(
        self, dsn: str, *, faults: Faults, abandon: Callable[[Hand], Awaitable[None]]
    ) -> None:
        super().__init__(dsn)
        self.on_message: Callable[[], object] = lambda: None
        self._faults = faults
        self._abandon = abandon

    async def call(self, use: Callable[[World], Awaitable[T]]) -> T:
        """Make one call, unless the worker of this delivery is dead."""
        hand = _hand()
        if hand is not None:
            hand.awaited_run = None
            if hand.is_dead:
                raise WorkerCrash
        return await super().call(use)

    async def events_create(self, run_id: str | None, data: Any) -> sdk.EventResult:
        """Append an event, or die before or after it."""
        hand = _hand()
        if isinstance(data, _ENDS_OF_BODIES):
            await self._may_crash("crash_after", hand)
        result = await super().events_create(run_id, data)
        if isinstance(data, sdk.StepStartedEvent):
            await self._may_crash("crash_before", hand)
        return result

    async def runs_get(self, run_id: str) -> sdk.WorkflowRun:
        """A run; and note that this delivery waits for it, if it does."""
        run = await super().runs_get(run_id)
        hand = _hand()
        if hand is not None and run_id != hand.delivery.run_id:
            is_live = isinstance(run, sdk.NonFinalWorkflowRun)
            hand.awaited_run = run_id if is_live else None
        return run

    async def queue(self, *arguments: Any, **named: Any) -> str:
        """Send a message, and tell the worker."""
        message_id = await super().queue(*arguments, **named)
        self.on_message()
        return message_id

    async def _may_crash(self, kind: str, hand: Hand | None) -> None:
        if hand and self._faults.crashes(kind, hand.delivery.step_name):
            await self._abandon(hand)
            raise WorkerCrash


@contextmanager
def installed(
    world: WorldUnderTest, now: Callable[[tzinfo | None], datetime]
) -> Generator[None]:
    """Have a World and a clock for the SDK while the block runs.

    Args:
        world: The World of the process.
        now: The time in a zone.
    """
    before = installed_world(), under_test.has_world
    sdk.set_world(world)
    under_test.has_world = True
    try:
        with other_time(now, _look_soon):
            yield
    finally:
        sdk.set_world(before[0])
        under_test.has_world = before[1]


async def _look_soon(seconds: float) -> None:
    await asyncio.sleep(min(seconds, _POLL_SECONDS))


def _hand() -> Hand | None:
    held = current.get()
    return held if isinstance(held, Hand) else None
