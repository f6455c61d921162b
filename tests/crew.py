"""A worker that all tests of a file share, with its database and its World.

The tests of such a file run in one event loop, the module's: they say
``pytestmark = pytest.mark.asyncio(loop_scope="module")``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
from vercel.workflow import (
    BaseHook,
    Hook,
    HookNotFoundError,
    Run,
    SandboxPolicy,
    WorkflowRunFailedError,
    Workflows,
)

from tests.sdk.waiting import until
from tests.support import Row, Session, connect
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.worker import Worker
from workflow_pg.sdk.world import PostgresWorld

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Crew:
    """What tests say to the runs that the worker executes."""

    world: PostgresWorld
    session: Session
    deliveries: list[tuple[str, str | None]]
    """Run and step (None for a replay) of each message, in the order of delivery."""

    async def ended(self, *runs: Run[Any], seconds: float = 30) -> str:
        """Wait until runs are final; the status of the last one."""
        query = (
            "select status::text from workflow_pg.runs where run_id = any(%s)"
            " order by status < 'completed' desc, run_id desc limit 1"
        )
        ids = [run.run_id for run in runs]
        status = ""

        def is_over() -> bool:
            nonlocal status
            status = self.session.value(query, ids)
            return status not in {"pending", "running"}

        await until(is_over, seconds=seconds)
        return status

    async def result(self, run: Run[T], *, seconds: float = 30) -> T:
        """What a run returns, without the second for which the SDK waits."""
        await self.ended(run, seconds=seconds)
        return await run.return_value()

    async def failure(self, run: Run[Any]) -> WorkflowRunFailedError:
        """How a run failed."""
        await self.ended(run)
        with pytest.raises(WorkflowRunFailedError) as caught:
            await run.return_value()
        return caught.value

    async def reaches(self, run: Run[Any], event_type: str, count: int = 1) -> None:
        """Wait until the log of a run has so many events of a type."""
        await until(lambda: self.types(run).count(event_type) >= count)

    def end_sleeps(self, run: Run[Any]) -> None:
        """As if the time of every sleep had come: a test need not wait, or hurry."""
        query = (
            "select from workflow_pg.waits as w,"
            " workflow_pg.complete_wait(w.run_id, w.wait_id)"
            " where w.run_id = %s and w.status = 'waiting'"
        )
        self.session.rows(query, run.run_id)

    def replays(self, run: Run[Any]) -> int:
        """How often a run was replayed."""
        return self.deliveries.count((run.run_id, None))

    def dispatches(self, run: Run[Any]) -> int:
        """How many dispatches of its steps were delivered."""
        return sum(i == run.run_id and s is not None for i, s in self.deliveries)

    async def settled(self, run: Run[Any], *, steps: bool = True) -> None:
        """Wait until no message of a run is due or being handled.

        Args:
            run: The run.
            steps: Whether the dispatches of its steps count, too.
        """
        query = (
            "select count(*) from workflow_pg_private.messages where run_id = %s"
            " and (lease_token is not null"
            "      or due_at <= workflow_pg_private.clock() + interval '0.5 s')"
            " and (kind <> 'step' or %s)"
        )
        await until(lambda: self.session.value(query, run.run_id, steps) == 0)

    def types(self, run: Run[Any]) -> list[str]:
        """The types of the events of a run, in their order."""
        query = (
            "select event_type::text from workflow_pg.events"
            " where run_id = %s order by seq"
        )
        return [row["event_type"] for row in self.session.rows(query, run.run_id)]

    def steps(self, run: Run[Any]) -> list[Row]:
        """The steps of a run in the order of their creation, with their short names."""
        return self.session.rows(
            "select regexp_replace(s.step_name, '^.*//', '') as name,"
            "       s.status::text, s.attempt"
            "  from workflow_pg.steps as s join workflow_pg.events as e"
            "    on e.run_id = s.run_id and e.correlation_id = s.step_id"
            "   and e.event_type = 'step_created'"
            " where s.run_id = %s order by e.seq",
            run.run_id,
        )


async def resume(payload: BaseHook, to: str | Hook) -> Hook:
    """Resume a hook once."""
    # The SDK's signature leaves the type of its keyword arguments open.
    return await payload.resume(to)  # pyright: ignore[reportUnknownMemberType]


async def soon(call: Callable[..., Awaitable[T]], *arguments: object) -> T:
    """Call until the hook is there: a run needs a moment to create it."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await call(*arguments)
            except HookNotFoundError:
                await asyncio.sleep(0.02)


def tell_sandboxes(
    patch: pytest.MonkeyPatch, *registries: Workflows, shared: bool
) -> None:
    """Have each body get a sandbox of its own, or all of them one.

    As if the apps had said so in their ``Workflows()``.
    """
    policy = SandboxPolicy(share_sandboxes=shared)
    told = vars(Workflows(as_vercel_job=False, sandbox_policy=policy))
    for registry in registries:
        for name in ("_sandbox_policy", "_cached_sandbox"):
            patch.setattr(registry, name, told[name])


@contextlib.asynccontextmanager
async def at_work(
    dsn: str, *registries: Workflows, **options: Any
) -> AsyncGenerator[Crew]:
    """A worker for each registry while the block runs."""
    world = PostgresWorld(dsn, max_size=12)
    before = sdk.get_world()
    sdk.set_world(world)
    deliveries = counted(world)
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(Worker(registry, world, **options).run(stop))
        for registry in registries
    ]
    try:
        with connect(dsn) as session:
            yield Crew(world, session, deliveries)
    finally:
        stop.set()
        await asyncio.gather(*tasks)
        await world.worlds.close()
        sdk.set_world(before)


def counted(world: PostgresWorld) -> list[tuple[str, str | None]]:
    """Run and step (None for a replay) of each delivery to workers made from now on."""
    deliveries: list[tuple[str, str | None]] = []
    register = world.create_queue_handler

    def register_counting(
        queue_name_prefix: str, handler: sdk.QueueHandler
    ) -> sdk.HTTPHandler:
        async def count(message: Any, **about: Any) -> sdk.QueueContinuation | None:
            # A health check is about no run.
            deliveries.append((message.get("runId", ""), message.get("stepId")))
            return await handler(message, **about)

        return register(queue_name_prefix, count)

    world.create_queue_handler = register_counting
    return deliveries
