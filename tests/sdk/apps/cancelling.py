"""Workflows that cancel their steps."""

from __future__ import annotations

import asyncio
import collections
import contextlib

from vercel.workflow import SandboxPolicy, Workflows, get_step_metadata, sleep

wf = Workflows(sandbox_policy=SandboxPolicy(share_sandboxes=True))

began: collections.Counter[str] = collections.Counter()
"""How often the body of a step began, by name; steps run outside the sandbox."""

told: collections.defaultdict[str, list[str]] = collections.defaultdict(list)
"""What bodies were told when they were cancelled, by name."""

gates: dict[str, asyncio.Event] = {}
"""What steps wait for, by name."""


@wf.step(cancellable=True)
async def wait_for_ever(name: str) -> None:
    """Wait until it is cancelled, and note why it was."""
    began[name] += 1
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError as error:
        told[name].append(str(error))
        raise


@wf.step(cancellable=True)
async def clean_up(name: str) -> str:
    """Take the cancellation as a request, and end well."""
    began[name] += 1
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    return "cleaned up"


@wf.step(cancellable=True)
async def pass_gate(name: str) -> str:
    """Wait until the test opens the gate."""
    began[name] += 1
    await gates[name].wait()
    return f"{name} passed in attempt {get_step_metadata().attempt}"


@wf.step(cancellable=True)
async def quick(value: int) -> int:
    """End before anybody could cancel it."""
    return value


@wf.workflow
async def cancelled(name: str, reason: str) -> str:
    """Cancel a step that runs."""
    task = asyncio.ensure_future(wait_for_ever(name))
    await sleep("1s")
    task.cancel(reason)
    try:
        await task
    except asyncio.CancelledError as error:
        return f"cancelled: {error}"
    return "not cancelled"


@wf.workflow
async def timed_out(name: str) -> str:
    """Give a step some time."""
    task = asyncio.ensure_future(wait_for_ever(name))
    clock = asyncio.ensure_future(sleep("1s"))
    done, _ = await asyncio.wait({task, clock}, return_when=asyncio.FIRST_COMPLETED)
    if task in done:
        return "in time"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return "too late"


@wf.workflow
async def cleaned(name: str) -> str:
    """Cancel a step that has the last word."""
    task = asyncio.ensure_future(clean_up(name))
    await sleep("1s")
    task.cancel()
    return await task


@wf.workflow
async def not_cancelled(name: str) -> str:
    """A cancellable step that nobody cancels."""
    return await pass_gate(name)


@wf.workflow
async def cancelled_too_late(value: int) -> int:
    """Cancel a step that is done."""
    task = asyncio.ensure_future(quick(value))
    await sleep("1s")
    task.cancel()
    return await task


@wf.workflow
async def abandoned(name: str) -> str:
    """End with a cancellation on its way that nobody waits for."""
    task = asyncio.ensure_future(wait_for_ever(name))
    await sleep("1s")
    task.cancel("not needed any more")
    return "ended"


@wf.workflow
async def many(width: int) -> int:
    """Cancel many steps at once; how many were."""
    tasks = [asyncio.ensure_future(wait_for_ever(f"{n}")) for n in range(width)]
    await pass_gate("many")
    for task in tasks:
        task.cancel("all")
    results = await asyncio.gather(*tasks, return_exceptions=True)
    return sum(isinstance(result, asyncio.CancelledError) for result in results)
