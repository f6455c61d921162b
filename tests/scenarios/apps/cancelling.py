"""Steps that are cancelled, by whom and when."""

from __future__ import annotations

import asyncio
from typing import Any

from vercel.workflow import SandboxPolicy, Workflows, sleep

from tests.scenarios.apps.payloads import Note

wf = Workflows(sandbox_policy=SandboxPolicy(share_sandboxes=True))

told: list[str] = []
"""How bodies of steps ended."""


@wf.step(cancellable=True)
async def wait_for_ever(name: str) -> None:
    """End by cancellation only."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError as error:
        told.append(f"{name}: {error}")
        raise


@wf.step(cancellable=True)
async def poll(name: str) -> None:
    """Look again and again."""
    try:
        # As a body does that waits for something outside.
        while True:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    finally:
        told.append(f"{name}: stopped")


@wf.step
async def quick(value: int) -> int:
    """End at once."""
    return value


async def reason(task: asyncio.Future[None]) -> str:
    """Why a task was cancelled."""
    try:
        await task
    except asyncio.CancelledError as error:
        return f"cancelled: {error}"
    return "not cancelled"


@wf.workflow
async def by_a_sibling() -> list[Any]:
    """Cancel one step when the other is done."""
    slow = asyncio.ensure_future(wait_for_ever("sibling"))
    value = await quick(7)
    slow.cancel(f"the other one has {value}")
    return [value, await reason(slow)]


@wf.workflow
async def by_a_hook(token: str) -> list[Any]:
    """Cancel a step when somebody says so, and sleep and go on after it."""
    slow = asyncio.ensure_future(poll(token))
    async with Note.wait(token=token) as hook:
        slow.cancel((await hook).text)
    why = await reason(slow)
    await sleep("1s")
    return [why, await quick(1)]


@wf.workflow
async def by_a_group() -> list[Any]:
    """A task of a group fails, so the step of the other one is cancelled."""
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(endless())
            group.create_task(fails())
    except ExceptionGroup as errors:
        return [f"{error}" for error in errors.exceptions]
    return []


async def endless() -> None:
    """Wait for a step."""
    await wait_for_ever("group")


async def fails() -> None:
    """Fail after a step."""
    await quick(0)
    raise ValueError("no")


@wf.workflow
async def nap() -> str:
    """A sleep that somebody ends early."""
    await sleep("1h")
    return "awake"


@wf.workflow
async def two_naps(token: str) -> list[str]:
    """Sleeps of which one is ended early, beside a hook."""
    async with Note.wait(token=token):
        first = asyncio.ensure_future(sleep("1h"))
        second = asyncio.ensure_future(sleep("2h"))
        done, _ = await asyncio.wait(
            {first, second}, return_when=asyncio.FIRST_COMPLETED
        )
        return [name for name, nap in (("1h", first), ("2h", second)) if nap in done]
