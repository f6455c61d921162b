"""Drives runs to their end: does what is due, jumps to what is due next, and again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from workflow_pg.models import Run, RunStatus
from workflow_pg.testing.clock import Clock
from workflow_pg.testing.errors import StuckError
from workflow_pg.testing.report import reasons
from workflow_pg.testing.worker import LoopWorker
from workflow_pg.testing.world import WorldUnderTest
from workflow_pg.world import World

__all__ = ["Driver"]

_LIVE = (RunStatus.PENDING, RunStatus.RUNNING)
_MOST_RUNS = 1000


class Driver:
    """Lets time pass only as far as something happens then.

    Args:
        sdk_world: The World of the test.
        worker: The test's worker.
        clock: The test's clock.
    """

    def __init__(
        self, sdk_world: WorldUnderTest, worker: LoopWorker, clock: Clock
    ) -> None:
        self._sdk_world = sdk_world
        self._worker = worker
        self._clock = clock

    async def drain(
        self, settle: Callable[[], Awaitable[None]], max_jumps: int
    ) -> None:
        """Go on until nothing is due any more.

        Raises:
            StuckError: Then a run waits for no hook, or there were more jumps.
        """
        __tracebackhide__ = True
        for _ in range(max_jumps + 1):
            await settle()
            if not await self._jump():
                break
        else:
            raise await self._stuck(f"after {max_jumps} jumps of the clock still live")
        stuck = [run for run in await self._live() if not await self._has_hook(run)]
        if stuck:
            raise await self._stuck("live, and waiting for no time and no hook", stuck)

    async def finish(
        self, run_id: str, settle: Callable[[], Awaitable[None]], max_jumps: int
    ) -> None:
        """Go on until one run is final.

        Raises:
            StuckError: Nothing is due before that, or there were more jumps.
        """
        __tracebackhide__ = True
        for _ in range(max_jumps + 1):
            await settle()
            if (await self._run(run_id)).completed_at is not None:
                return
            if not await self._jump():
                raise await self._stuck(f"run {run_id} cannot end by time alone; live")
        raise await self._stuck(f"after {max_jumps} jumps of the clock still live")

    async def _jump(self) -> bool:
        """Go to what is due next; whether there is something."""
        due = await self._clock.next_due()
        if due is not None:
            await self._clock.jump_to(due)
        return due is not None

    async def _has_hook(self, run: Run) -> bool:
        """Whether the run, or the one it waits for in the end, waits for a hook."""
        run_id = run.run_id
        awaited = self._worker.hands.awaited_runs()
        seen: set[str] = set()
        while run_id in awaited and run_id not in seen:
            seen.add(run_id)
            run_id = awaited[run_id]
        why = await (await self._world()).runs.why(run_id)
        return "hook" in {reason.cause for reason in why}

    async def _stuck(self, what: str, runs: list[Run] | None = None) -> StuckError:
        await self._worker.heartbeat()
        world = await self._world()
        told = [await reasons(world, run) for run in runs or await self._live()]
        if not self._worker.apps.all():
            told.append(
                "no imported module has a Workflows(): import your app, or override"
                " the fixture workflow_registries"
            )
        return StuckError("\n  ".join([f"{what}:", *told]))

    async def _live(self) -> list[Run]:
        world = await self._world()
        return [
            run
            for status in _LIVE
            for run in await world.runs.list(status=status, limit=_MOST_RUNS)
        ]

    async def _run(self, run_id: str) -> Run:
        world = await self._world()
        return await world.runs.get(run_id, with_input=False, with_outcome=False)

    async def _world(self) -> World:
        return await self._sdk_world.worlds.get()
