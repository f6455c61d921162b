"""A worker in the loop of a test: the deliveries of production, on the test's clock.

It differs from `workflow_pg.sdk.worker` in what a test wants to see and to do: it knows
when nothing can go on, it can die, and a failure of its own fails the test. Leases last
for an hour, so a breakpoint costs none.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from contextvars import Context
from datetime import timedelta
from functools import partial

from vercel.workflow import Workflows

from workflow_pg.sdk._compat_testing import Body
from workflow_pg.sdk.context import worker_id
from workflow_pg.sdk.deliveries import handle
from workflow_pg.testing.apps import App, Apps
from workflow_pg.testing.control import Control
from workflow_pg.testing.errors import StuckError, WorkerFailedError
from workflow_pg.testing.hands import Hands
from workflow_pg.testing.world import Hand, WorldUnderTest
from workflow_pg.world import World

__all__ = ["LoopWorker"]

_LEASE = timedelta(hours=1)
_ONE_CLAIM = 100
_POLL_SECONDS = 0.1


class LoopWorker:
    """Executes what is due while it is started.

    Args:
        sdk_world: The World of the test.
        control: The test's hand on its database.
        registries: What to serve; None for all that are imported.
        body_of: Chooses the body of a step.
    """

    def __init__(
        self,
        sdk_world: WorldUnderTest,
        control: Control,
        registries: Iterable[Workflows] | None,
        body_of: Callable[[str, Body], Body],
    ) -> None:
        self.failures: list[Exception] = []
        self.apps = Apps(sdk_world, registries, body_of, self.failures.append)
        self.hands = Hands(self._poke, self.failures.append)
        self._sdk_world = sdk_world
        self._control = control
        self._main: asyncio.Task[None] | None = None
        self._is_stopping = False
        self._drivers = 0
        self._epoch = ""
        self._life = 1
        self._renew()

    def _renew(self) -> None:
        # They belong to the loop that first waits for them. Who holds the lock lets
        # nothing begin.
        self.claiming = asyncio.Lock()
        # One for each who waits: the other may clear it.
        self._news = (asyncio.Event(), asyncio.Event())

    async def start(self) -> None:
        """Begin to work in the running loop."""
        loop = asyncio.get_running_loop()
        self._renew()
        # A web server under test may start runs from a thread of its own.
        self._sdk_world.on_message = lambda: loop.call_soon_threadsafe(self._poke)
        self._is_stopping = False
        self._epoch = await (await self._world()).epoch()
        await self.heartbeat()
        self._main = asyncio.create_task(self._work(), context=Context())

    async def stop(self) -> None:
        """Give back what is in hand, and end.

        Raises:
            WorkbenchError: A step did not end when it was cancelled.
        """
        self._sdk_world.on_message = lambda: None
        self._is_stopping = True
        self._poke()
        if self._main is not None:
            # What it raised has failed the test already.
            await asyncio.gather(self._main, return_exceptions=True)
        await self.hands.end()
        await self._sign_off()

    async def heartbeat(self) -> None:
        """Say that it lives, so that `why` does not miss it."""
        world = await self._world()
        for app in self.apps.all():
            await world.queue.heartbeat(
                self._id_for(app),
                app.served,
                app.steps,
                deployment_id="*",
                namespace=app.registry.namespace,
            )

    async def settle(self, patience: float) -> None:
        """Work until nothing is due and nothing in hand moves.

        Args:
            patience: Seconds that bodies of steps may take meanwhile.

        Raises:
            WorkerFailedError: A delivery failed in the worker.
            StuckError: A body took longer.
        """
        __tracebackhide__ = True
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        news = self._news[1]
        with self.driven():
            while True:
                news.clear()
                self.check()
                ended = self.hands.ended
                await self._control.hurry()
                # Whoever waits for us may be cancelled; a claim must not be lost then.
                if await asyncio.shield(loop.create_task(self._claim())):
                    continue
                busy = await self.hands.busy(await self._world())
                if not busy:
                    if self.hands.ended == ended:
                        return
                    # It may have left something after we looked.
                    continue
                if loop.time() > deadline:
                    raise StuckError(_too_slow(busy, patience))
                await _wait_for(news)

    @contextmanager
    def driven(self) -> Generator[None]:
        """Begin nothing while the block runs but what ``settle`` begins.

        So nothing happens between a look at what is due and a jump of the clock.
        """
        self._drivers += 1
        try:
            yield
        finally:
            self._drivers -= 1
            self._poke()

    def check(self) -> None:
        """Raise WorkerFailedError when a delivery has failed in the worker."""
        __tracebackhide__ = True
        error: BaseException | None = next(iter(self.failures), None)
        main = self._main
        if error is None and main and main.done() and not main.cancelled():
            error = main.exception()
        if error is not None:
            raise WorkerFailedError(
                "the worker failed, not a workflow or a step:"
                f" {type(error).__name__}: {error}"
            ) from error

    async def abandon(self, hand: Hand) -> None:
        """Let one delivery go as a dead worker does."""
        await self._control.abandon([hand.delivery.lease_token])
        self.hands.bury(hand)
        await self._sign_off()
        self._life += 1
        await self.heartbeat()

    async def crash(self) -> None:
        """Die with everything in hand; start again."""
        async with self.claiming:
            for hand in self.hands.all():
                await self.abandon(hand)
            await self.hands.cancel()

    async def _work(self) -> None:
        news = self._news[0]
        while not self._is_stopping:
            news.clear()
            if self._drivers or not await self._claim():
                await _wait_for(news)

    async def _claim(self) -> bool:
        """Take what is due; whether there was something."""
        async with self.claiming:
            world = await self._world()
            before = self.hands.begun
            for app in self.apps.all():
                deliveries = await world.queue.claim(
                    self._id_for(app),
                    app.served,
                    app.steps,
                    limit=_ONE_CLAIM,
                    deployment_id="*",
                    namespace=app.registry.namespace,
                    lease=_LEASE,
                )
                for delivery in deliveries:
                    work = partial(self._handle, world, app)
                    self.hands.begin(delivery, self._epoch, work)
            return self.hands.begun > before

    async def _handle(self, world: World, app: App, hand: Hand) -> None:
        worker_id.set(self._id_for(app))
        await handle(world, app.handler, hand, lambda _: None)

    async def _sign_off(self) -> None:
        world = await self._world()
        for app in self.apps.all():
            await world.queue.remove_worker(self._id_for(app))

    def _id_for(self, app: App) -> str:
        # A worker serves one registry; who dies comes back under another name.
        return f"test worker {self._life} of registry {app.number}"

    def _poke(self) -> None:
        for event in self._news:
            event.set()

    async def _world(self) -> World:
        return await self._sdk_world.worlds.get()


async def _wait_for(news: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_POLL_SECONDS):
            await news.wait()


def _too_slow(busy: list[Hand], patience: float) -> str:
    names = [
        f"{hand.delivery.step_name or 'a replay'} of run {hand.delivery.run_id}"
        for hand in busy
    ]
    return (
        f"{', '.join(names)} did not end within {patience:g} s of real time; for slow"
        " steps set workflows.patience to more seconds"
    )
