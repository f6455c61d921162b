"""Keeps a worker's leases and its heartbeat, from a thread of its own.

A workflow's body blocks the worker's event loop for a whole replay, and a careless
step may block it for longer. Leases are renewed all the same: the thread has its own
loop and its own connection.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from datetime import timedelta

from workflow_pg import errors
from workflow_pg.sdk.context import Held, in_epoch
from workflow_pg.sdk.logs import fields_of
from workflow_pg.world import World

log = logging.getLogger("workflow_pg")

LEASE = timedelta(seconds=15)
RENEW_SECONDS = 5.0
RETRY_SECONDS = 0.5


class Keeper:
    """Renews what has been added to it, until it is removed.

    Args:
        make_world: Makes a World for the thread, not open yet.
        heartbeat: Announces the worker.
    """

    def __init__(
        self,
        make_world: Callable[[], World],
        heartbeat: Callable[[World], Awaitable[None]],
    ) -> None:
        self._make_world = make_world
        self._heartbeat = heartbeat
        self._held: dict[tuple[str, str], Held] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(
            # Its log records name the worker, as all others do.
            target=copy_context().run,
            args=(self._run,),
            name="workflow-pg-leases",
        )

    def __enter__(self) -> Keeper:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def add(self, held: Held) -> None:
        """Keep this delivery from now on."""
        key = (held.delivery.run_id, held.delivery.message_id)
        before = self._held.get(key)
        if before is not None:
            # We have claimed it again ourselves: the lease of before had ended.
            before.lost = True
        self._held[key] = held

    def remove(self, held: Held) -> None:
        """Keep it no longer."""
        if self._is_kept(held):
            del self._held[held.delivery.run_id, held.delivery.message_id]

    def _run(self) -> None:
        asyncio.run(self._keep())

    async def _keep(self) -> None:
        world = self._make_world()
        pause = RENEW_SECONDS
        try:
            while not await asyncio.to_thread(self._stop.wait, pause):
                pause = (
                    RENEW_SECONDS if await self._try_to_renew(world) else RETRY_SECONDS
                )
        finally:
            await world.close()

    async def _try_to_renew(self, world: World) -> bool:
        try:
            await self._renew(world)
        except Exception as error:
            # Whatever it is, giving up would lose every lease.
            is_known = errors.is_transient(error) or isinstance(
                error, errors.Unreachable
            )
            log.warning(
                "leases could not be renewed, trying again: %s",
                error,
                exc_info=None if is_known else error,
            )
            return False
        return True

    async def _renew(self, world: World) -> None:
        await self._heartbeat(world)
        held = [one for one in self._held.values() if not one.lost]
        if not held:
            return
        # All of one epoch: those of the one before are lost when a claim gives more.
        try:
            with in_epoch(held[0].epoch):
                kept = await world.queue.renew(
                    [one.delivery for one in held], lease=LEASE
                )
        except errors.HistoryCut:
            held[0].on_cut()
            return
        for one in held:
            if one.delivery.message_id in kept or not self._is_kept(one):
                continue
            # A message that its handler is giving back is gone, not lost.
            if one.is_settling:
                continue
            one.lost = True
            log.warning(
                "lease of message %s (run %s) was lost",
                one.delivery.message_id,
                one.delivery.run_id,
                extra=fields_of(one),
            )

    def _is_kept(self, held: Held) -> bool:
        key = (held.delivery.run_id, held.delivery.message_id)
        return self._held.get(key) is held
