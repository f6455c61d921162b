"""The worker: claims what it serves and has the SDK handle it.

It decides nothing about runs. It keeps as many deliveries in hand as it has slots,
renews their leases from a thread, calls maintain() now and then, and gives back at
its end what it could not finish.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import uuid4

from workflow_pg import errors
from workflow_pg.calls.queue import LISTEN
from workflow_pg.health import ANY_WORKFLOW
from workflow_pg.listener import listening
from workflow_pg.models import Delivery
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.context import Held, in_epoch, worker_id
from workflow_pg.sdk.deliveries import handle
from workflow_pg.sdk.keeper import LEASE, Keeper
from workflow_pg.sdk.logs import fields_of
from workflow_pg.sdk.slots import Slots
from workflow_pg.sdk.world import PostgresWorld
from workflow_pg.world import World

log = logging.getLogger("workflow_pg")

POLL_SECONDS = 1.0
MAINTAIN_SECONDS = 5.0
PAUSE_SECONDS = 0.5
LOOK_AGAIN_SECONDS = 60.0
GIVE_BACK_SECONDS = 5.0
GOODBYE_SECONDS = 2.0
BUSY_CLAIMS = 3
"""After so many full hands in a row a worker stops asking for notifications."""


class Worker:
    """Executes the workflows and steps of one registry.

    Args:
        registry: The app's ``Workflows``.
        world: The World of this process.
        concurrency: Deliveries handled at a time.
        deployment: Whose messages to claim; ``*`` for all deployments.
        grace: Seconds that deliveries in hand may take to finish after a stop.
        max_deliveries: How often a message is delivered before it is buried.
        on_begin: Told once, when it can claim.
    """

    def __init__(
        self,
        registry: sdk.Workflows,
        world: PostgresWorld,
        *,
        concurrency: int = 10,
        deployment: str = "default",
        grace: float = 20.0,
        max_deliveries: int = 64,
        on_begin: Callable[[], object] | None = None,
    ) -> None:
        self.worker_id = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self.workflows = sdk.workflow_names(registry)
        self.steps = sdk.step_names(registry)
        self._served = [*self.workflows, ANY_WORKFLOW]
        self._world = world
        self._namespace = registry.namespace
        self._deployment = deployment
        self._grace = grace
        self._max_deliveries = max_deliveries
        self._on_begin = on_begin
        self._tasks: dict[asyncio.Task[None], Held] = {}
        self._epoch: str | None = None
        self._changed = asyncio.Event()
        self._slots = Slots(concurrency, self._changed.set)
        sdk.set_world(world)
        sdk.workflow_entrypoint(registry)
        self._handler = world.handlers[sdk.get_queue_topic_prefix(registry.namespace)]

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set, then finish what is in hand within the grace.

        Raises:
            SchemaUnusable: The schema is missing, half-migrated, older or newer.
            Unreachable: There is no server at the start. Later failures are waited out.
            CancelledError: The task was cancelled; what was in hand is given back.
        """
        worker_id.set(self.worker_id)
        world = await self._world.worlds.get()
        await self._enter(world)
        log.info("worker %s serves %s", self.worker_id, ", ".join(self.workflows))
        if self._on_begin is not None:
            self._on_begin()
        async with AsyncExitStack() as stack:
            keeper = stack.enter_context(
                Keeper(lambda: self._world.make_world(max_size=1), self._heartbeat)
            )
            await stack.enter_async_context(
                listening(self._world.listen_dsn, LISTEN, lambda _: self._changed.set())
            )
            helpers = [
                asyncio.create_task(self._maintain(world)),
                asyncio.create_task(self._watch(stop)),
            ]
            try:
                await self._claim_until(stop, world, keeper)
                await self._finish()
            finally:
                await self._give_back()
                for helper in helpers:
                    helper.cancel()
                await asyncio.gather(*helpers, return_exceptions=True)
                await self._say_goodbye(world)

    async def _claim_until(
        self, stop: asyncio.Event, world: World, keeper: Keeper
    ) -> None:
        is_idle = False
        full_hands = 0
        while not stop.is_set():
            self._changed.clear()
            if self._slots.free <= 0:
                await self._changed.wait()
                continue
            try:
                if self._epoch is None:
                    is_idle = False
                epoch, deliveries = await self._claim(world)
                for delivery in deliveries:
                    self._begin(world, keeper, delivery, epoch)
                full_hands = full_hands + 1 if deliveries else 0
                wants_hints = full_hands < BUSY_CLAIMS
                if is_idle != wants_hints:
                    await world.queue.set_idle(self.worker_id, is_idle=wants_hints)
                    is_idle = wants_hints
                    # What came before the announcement sent no hint: look again.
                    continue
            except errors.HistoryCut:
                continue
            except Exception as error:
                if not errors.is_transient(error):
                    raise
                log.warning("the database does not answer, trying again: %s", error)
                is_idle = False
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            if not deliveries:
                await self._wait_for_change()

    async def _enter(self, world: World) -> str:
        """Begin with the history that the database has now; it may be a first one."""
        await world.check_schema()
        await self._heartbeat(world)
        self._epoch = await world.epoch()
        return self._epoch

    def _drop(self, epoch: str) -> None:
        """Let go of what was claimed in a history that has been cut, once."""
        if epoch != self._epoch:
            return
        self._epoch = None
        log.warning(
            "the database was restored or failed over: %s deliveries are dropped",
            len(self._tasks),
        )
        for task, held in self._tasks.items():
            held.lost = True
            task.cancel()
        self._changed.set()

    async def _claim(self, world: World) -> tuple[str, list[Delivery]]:
        epoch = self._epoch or await self._enter(world)
        try:
            with in_epoch(epoch):
                return epoch, await world.queue.claim(
                    self.worker_id,
                    self._served,
                    self.steps,
                    limit=self._slots.free,
                    deployment_id=self._deployment,
                    namespace=self._namespace,
                    lease=LEASE,
                    max_deliveries=self._max_deliveries,
                )
        except errors.HistoryCut:
            self._drop(epoch)
            raise

    def _begin(
        self, world: World, keeper: Keeper, delivery: Delivery, epoch: str
    ) -> None:
        if epoch != self._epoch:
            return
        slot = self._slots.take()
        loop = asyncio.get_running_loop()
        held = Held(
            delivery=delivery,
            release_slot=slot.park,
            epoch=epoch,
            on_cut=lambda: loop.call_soon_threadsafe(self._drop, epoch),
        )
        keeper.add(held)

        def end(task: asyncio.Task[None]) -> None:
            keeper.remove(held)
            del self._tasks[task]
            slot.end()
            if not task.cancelled() and (error := task.exception()):
                log.error(
                    "a delivery ended in an error",
                    exc_info=error,
                    extra=fields_of(held),
                )

        task = asyncio.create_task(
            handle(world, self._handler, held, self._look_again_in)
        )
        self._tasks[task] = held
        task.add_done_callback(end)

    def _look_again_in(self, seconds: float) -> None:
        # The message may be claimed by others as well; this only spares it the poll.
        if seconds < LOOK_AGAIN_SECONDS:
            asyncio.get_running_loop().call_later(seconds, self._changed.set)

    async def _wait_for_change(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._changed.wait()
        except TimeoutError:
            pass

    async def _watch(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._changed.set()

    async def _heartbeat(self, world: World) -> None:
        await world.queue.heartbeat(
            self.worker_id,
            self._served,
            self.steps,
            deployment_id=self._deployment,
            namespace=self._namespace,
        )

    async def _maintain(self, world: World) -> None:
        after = purge_after = ""
        while True:
            await asyncio.sleep(MAINTAIN_SECONDS * random.uniform(0.8, 1.2))
            try:
                purge = await world.queue.purge_due(purge_after)
                purge_after = purge.next_after or ""
                done = await world.queue.maintain(after, grace=timedelta(seconds=10))
            except Exception as error:
                if not errors.is_transient(error):
                    log.exception("maintain failed, trying again")
                continue
            after = done.next_after or ""
            if done.woken or done.redispatched:
                log.warning(
                    "maintain woke %s runs and dispatched %s steps anew",
                    done.woken,
                    done.redispatched,
                )

    async def _finish(self) -> None:
        if not self._tasks:
            return
        log.info("finishing %s deliveries within %s s", len(self._tasks), self._grace)
        await asyncio.wait(self._tasks, timeout=self._grace)

    async def _give_back(self) -> None:
        late = list(self._tasks)
        if late:
            log.info("giving %s deliveries back", len(late))
            for task in late:
                task.cancel()
            _, lost = await asyncio.wait(late, timeout=GIVE_BACK_SECONDS)
            if lost:
                # The database does not answer: the end of their leases gives them back.
                log.warning("%s deliveries could not be given back", len(lost))
                for task in lost:
                    task.cancel()
                await asyncio.wait(lost)

    async def _say_goodbye(self, world: World) -> None:
        try:
            async with asyncio.timeout(GOODBYE_SECONDS):
                await world.queue.remove_worker(self.worker_id)
        except Exception as error:
            if not (isinstance(error, TimeoutError) or errors.is_transient(error)):
                raise
            log.info("could not sign off: %s", error)
