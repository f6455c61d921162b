"""What a test's worker has in hand, and whether it moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any
from uuid import UUID

from workflow_pg.models import Delivery
from workflow_pg.testing.errors import WorkbenchError
from workflow_pg.testing.world import Hand
from workflow_pg.world import World

__all__ = ["Hands"]

_GRACE_SECONDS = 0.2
_CANCEL_SECONDS = 5.0


class Hands:
    """The deliveries that are being handled, each in a task.

    Args:
        on_end: Called when one has ended.
        on_failure: Told what one has raised.
    """

    def __init__(
        self, on_end: Callable[[], None], on_failure: Callable[[Exception], None]
    ) -> None:
        self.begun = 0
        self.ended = 0
        self._on_end = on_end
        self._on_failure = on_failure
        self._hands: dict[UUID, Hand] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    def begin(
        self,
        delivery: Delivery,
        epoch: str,
        work: Callable[[Hand], Coroutine[Any, Any, None]],
    ) -> None:
        """Handle a delivery.

        Args:
            delivery: As claimed.
            epoch: The history that it was claimed in.
            work: What to do with it.
        """
        token = delivery.lease_token
        hand = Hand(
            delivery=delivery,
            release_slot=lambda: None,
            epoch=epoch,
            # Whoever finds out fails, and the test with it.
            on_cut=lambda: None,
        )

        def end(task: asyncio.Task[None]) -> None:
            self._hands.pop(token, None)
            self._tasks.pop(token, None)
            self.ended += 1
            self._on_end()
            error = None if task.cancelled() else task.exception()
            if isinstance(error, Exception) and not hand.is_dead:
                self._on_failure(error)

        # Without the test's context variables: production's worker has none of them.
        task = asyncio.create_task(work(hand), context=Context())
        self.begun += 1
        self._hands[token] = hand
        self._tasks[token] = task
        task.add_done_callback(end)

    def all(self) -> list[Hand]:
        """Those of a worker that lives."""
        return list(self._hands.values())

    def tokens(self) -> list[UUID]:
        """Their leases."""
        return list(self._hands)

    def bury(self, hand: Hand) -> None:
        """Note that the worker of this one has died."""
        hand.is_dead = hand.lost = True
        self._hands.pop(hand.delivery.lease_token, None)

    def awaited_runs(self) -> dict[str, str]:
        """The runs with a delivery that waits for another run, and that run."""
        return {
            hand.delivery.run_id: hand.awaited_run
            for hand in self._hands.values()
            if hand.awaited_run is not None
        }

    async def busy(self, world: World) -> list[Hand]:
        """Those that do not wait for the end of another run."""
        busy: list[Hand] = []
        for hand in self.all():
            awaited = hand.awaited_run
            if awaited is not None:
                run = await world.runs.get(
                    awaited, with_input=False, with_outcome=False
                )
                if run.completed_at is None and hand.awaited_run == awaited:
                    continue
            busy.append(hand)
        return [hand for hand in busy if hand.delivery.lease_token in self._hands]

    async def end(self) -> None:
        """Let those end that are nearly done, and cancel the others.

        Raises:
            WorkbenchError: One did not end when it was cancelled.
        """
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=_GRACE_SECONDS)
        await self.cancel()

    async def cancel(self) -> None:
        """Cancel the tasks of all, also of those whose worker has died.

        Raises:
            WorkbenchError: One did not end.
        """
        tasks = list(self._tasks.values())
        if not tasks:
            return
        for task in tasks:
            task.cancel()
        _, late = await asyncio.wait(tasks, timeout=_CANCEL_SECONDS)
        if late:
            raise WorkbenchError(
                f"{len(late)} deliveries did not end within {_CANCEL_SECONDS:g} s after"
                " they were cancelled: does a step swallow CancelledError?"
            )
