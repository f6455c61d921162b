"""The app of the chaos test: three steps, a sleep and a hook in every run."""

from __future__ import annotations

import asyncio
import dataclasses
import os

from vercel.workflow import (
    BaseHook,
    SandboxPolicy,
    Workflows,
    get_step_metadata,
    sleep,
)

wf = Workflows(sandbox_policy=SandboxPolicy(share_sandboxes=True))


@dataclasses.dataclass
class Go(BaseHook):
    """What each run waits for."""

    number: int


async def resume(number: int) -> None:
    """Let a run go on that waits."""
    # The SDK's signature leaves the type of its keyword arguments open.
    await Go(number=number).resume(f"go-{number}")  # pyright: ignore[reportUnknownMemberType]


def note(name: str) -> None:
    """Add one line to the journal, in one write, so that none is torn by a kill."""
    line = f"{get_step_metadata().run_id} {name}\n".encode()
    file = os.open(os.environ["CROWD_JOURNAL"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(file, line)
    finally:
        os.close(file)


@wf.step(max_retries=20)
async def first(number: int) -> int:
    """Count up."""
    note("first")
    return number + 1


@wf.step(max_retries=20)
async def second(number: int) -> int:
    """Take a moment and count up."""
    note("second")
    await asyncio.sleep(0.05)
    return number + 1


@wf.step(max_retries=20)
async def third(number: int) -> int:
    """Count up."""
    note("third")
    return number + 1


@wf.workflow
async def walk(number: int) -> int:
    """Go through three steps, a sleep and a hook."""
    reached = await first(number)
    await sleep("1s")
    go = await Go.wait(token=f"go-{number}")
    reached = await second(reached)
    return await third(reached) + go.number
