"""The measured workflows, with a fresh sandbox for each replay: the SDK's default."""

from __future__ import annotations

import asyncio

from vercel.workflow import Workflows

wf = Workflows()


@wf.step
async def work(number: int) -> int:
    """Do nothing that takes time."""
    return number + 1


@wf.workflow
async def one(number: int) -> int:
    """One step."""
    return await work(number)


@wf.workflow
async def five(number: int) -> int:
    """Five steps, one after another."""
    for _ in range(5):
        number = await work(number)
    return number


@wf.workflow
async def twenty(number: int) -> int:
    """Twenty steps at once."""
    return sum(await asyncio.gather(*(work(number + n) for n in range(20))))
