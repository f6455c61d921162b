"""The fixture ``workflows``: everything a test says to its workflows."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar

from vercel.workflow import Run, Workflows

from workflow_pg import models
from workflow_pg.sdk import _compat_testing as sdk
from workflow_pg.testing.clock import Clock, Offset
from workflow_pg.testing.control import Control
from workflow_pg.testing.driver import Driver
from workflow_pg.testing.errors import WorkbenchError
from workflow_pg.testing.faults import Faults
from workflow_pg.testing.report import story
from workflow_pg.testing.worker import LoopWorker
from workflow_pg.testing.world import Hand, WorldUnderTest, installed
from workflow_pg.world import World

__all__ = ["Workbench"]

T = TypeVar("T")

_STORY_SECONDS = 5.0


class Workbench:
    """A database, a worker in the test's own loop, a clock, and faults to come.

    The worker lives while the test function runs. It executes whatever is due, so a
    test that only awaits ``run.return_value()`` needs nothing of this; ``result`` and
    ``drain`` jump over sleeps as well.

    Attributes:
        dsn: The test's database, as a login that may do everything in it.
        clock: Its clock, and the SDK's.
        faults: What is to go wrong.
        patience: Seconds of real time that bodies of steps may take while the test
            waits for them.
    """

    def __init__(self, dsn: str, registries: Iterable[Workflows] | None) -> None:
        self.dsn = dsn
        self.patience = 10.0
        self.story = ""
        self._is_running = False
        self._offset = Offset()
        self._control = Control(dsn)
        self.faults = Faults(lambda: self._worker.apps.step_names(), self._crash_worker)
        self._sdk_world = WorldUnderTest(dsn, faults=self.faults, abandon=self._abandon)
        self._worker = LoopWorker(
            self._sdk_world, self._control, registries, self.faults.body_of
        )
        self.clock = Clock(self._offset, self._control, self._worker, self.settle)
        self._driver = Driver(self._sdk_world, self._worker, self.clock)

    @property
    def failures(self) -> list[Exception]:
        """What failed in the worker; a test that expects it clears the list."""
        return self._worker.failures

    async def settle(self) -> None:
        """Wait until nothing can go on without time, a hook, or another program.

        Raises:
            WorkerFailedError: A delivery failed in the worker.
            StuckError: The body of a step did not end within ``patience``.
        """
        __tracebackhide__ = True
        self._need_worker()
        await self._worker.settle(self.patience)

    async def advance(self, duration: timedelta | str) -> None:
        """Let time pass: ``clock.advance``."""
        __tracebackhide__ = True
        await self.clock.advance(duration)

    async def drain(self, *, max_jumps: int = 1000) -> None:
        """Run until every run is final or waits for a hook, jumping over sleeps.

        A run that waits for a hook or a time, whichever comes first, gets the time.

        Args:
            max_jumps: How often the clock may jump; a workflow that sleeps in an
                endless loop needs ``advance`` instead.

        Raises:
            WorkerFailedError: A delivery failed in the worker.
            StuckError: A run can go on by neither, or there were more jumps; says what
                each live run waits for.
        """
        __tracebackhide__ = True
        self._need_worker()
        with self._worker.driven():
            await self._driver.drain(self.settle, max_jumps)

    async def result(self, run: Run[T], *, max_jumps: int = 1000) -> T:
        """The return value of a run, jumping over sleeps until it is final.

        Args:
            run: As ``start`` returned it.
            max_jumps: How often the clock may jump.

        Raises:
            WorkflowRunFailedError: The run has failed.
            WorkerFailedError: A delivery failed in the worker.
            StuckError: The run cannot become final by time alone; says why.
        """
        __tracebackhide__ = True
        self._need_worker()
        with self._worker.driven():
            await self._driver.finish(run.run_id, self.settle, max_jumps)
        return await run.return_value()

    async def events(self, run: Run[Any] | str) -> list[models.Event]:
        """The log of a run, in order.

        Args:
            run: The run or its id.
        """
        world = await self._world()
        found: list[models.Event] = []
        while page := await world.events.list(
            _id(run), after=found[-1].seq if found else None
        ):
            found += page
        return found

    async def attempts(
        self, run: Run[Any] | str, step: sdk.Step[..., Any] | str
    ) -> int:
        """How often attempts of a step were begun in a run, over all its calls.

        Args:
            run: The run or its id.
            step: The step, or its name such as ``step//shop//charge``.
        """
        name = step if isinstance(step, str) else step.name
        events = await self.events(run)
        ids = {
            event.correlation_id
            for event in events
            if event.facts and event.facts.get("stepName") == name
        }
        return sum(
            event.event_type is models.EventType.STEP_STARTED
            and event.correlation_id in ids
            for event in events
        )

    async def why(self, run: Run[Any] | str) -> list[models.Reason]:
        """What a run waits for, most pressing first.

        Args:
            run: The run or its id.
        """
        await self._worker.heartbeat()
        return await (await self._world()).runs.why(_id(run))

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in a loop with the worker, in a test that is not async.

        Args:
            main: What to await.
        """
        with asyncio.Runner() as runner:
            return runner.run(self.around(lambda: main)())

    def around(
        self, test: Callable[..., Coroutine[Any, Any, T]]
    ) -> Callable[..., Coroutine[Any, Any, T]]:
        """The same test function, with the worker at work while it runs."""

        @functools.wraps(test)
        async def with_worker(*arguments: Any, **named: Any) -> T:
            __tracebackhide__ = True
            async with self._working():
                return await test(*arguments, **named)

        return with_worker

    def installed(self) -> AbstractContextManager[None]:
        """Be the World of the process, and the SDK's clock, while the block runs."""
        return installed(self._sdk_world, self._offset.now)

    @asynccontextmanager
    async def _working(self) -> AsyncGenerator[None]:
        __tracebackhide__ = True
        try:
            await self._worker.start()
            self._is_running = True
            try:
                yield
                self._worker.check()
                self._check_faults()
            except BaseException:
                await self._tell()
                raise
            finally:
                self._is_running = False
                await self._worker.stop()
        finally:
            await self._control.close()
            await self._sdk_world.worlds.close()

    async def _tell(self) -> None:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_STORY_SECONDS):
                await self._worker.heartbeat()
                self.story = await story(await self._world())

    def _check_faults(self) -> None:
        __tracebackhide__ = True
        unused = self.faults.unused()
        if unused:
            raise WorkbenchError(
                f"{', '.join(unused)} never happened: the test has not tried it"
            )

    def _need_worker(self) -> None:
        __tracebackhide__ = True
        if not self._is_running:
            raise WorkbenchError(
                "the worker lives while the test function runs: wait for workflows"
                " there, not in a fixture"
            )

    async def _world(self) -> World:
        return await self._sdk_world.worlds.get()

    async def _abandon(self, hand: Hand) -> None:
        await self._worker.abandon(hand)

    async def _crash_worker(self) -> None:
        __tracebackhide__ = True
        self._need_worker()
        await self._worker.crash()


def _id(run: Run[Any] | str) -> str:
    return run if isinstance(run, str) else run.run_id
