"""Workflows whose workers die, are cut off, or come late."""

from __future__ import annotations

import asyncio
import collections
import os
import signal

from vercel.workflow import SandboxPolicy, Workflows, get_step_metadata, sleep

wf = Workflows(sandbox_policy=SandboxPolicy(share_sandboxes=True))

ran: collections.Counter[str] = collections.Counter()
"""How often bodies of steps ran, by their argument."""

gates: dict[str, asyncio.Event] = {}
"""What steps wait for, by name."""


@wf.step
async def number(value: int) -> int:
    """Do nothing."""
    return value


@wf.step
async def pass_gate(name: str) -> str:
    """Wait until the test opens the gate."""
    ran[name] += 1
    await gates[name].wait()
    return f"{name} in attempt {get_step_metadata().attempt}"


@wf.step(max_retries=1)
async def kill_the_worker() -> None:
    """End the process that executes this."""
    os.kill(os.getpid(), signal.SIGKILL)


@wf.workflow
async def deadly() -> None:
    """A step that no worker survives."""
    await kill_the_worker()


@wf.workflow
async def nap(seconds: int) -> int:
    """Sleep, and then a step."""
    await sleep(seconds)
    return await number(seconds)


@wf.workflow
async def gated(name: str) -> str:
    """Wait in a step."""
    return await pass_gate(name)


@wf.workflow
async def two_steps() -> int:
    """One step after the other."""
    return await number(1) + await number(2)
