"""An app in a queue namespace of its own."""

from __future__ import annotations

import dataclasses

from vercel.workflow import BaseHook, SandboxPolicy, Workflows, sleep, start

wf = Workflows(namespace="billing", sandbox_policy=SandboxPolicy(share_sandboxes=True))


@dataclasses.dataclass
class Payment(BaseHook):
    """A payload for hooks."""

    cents: int


@wf.step
async def add(left: int, right: int) -> int:
    """Add."""
    return left + right


@wf.step
async def ask_child(value: int) -> int:
    """Start another run of this namespace, and wait for it."""
    run = await start(double, value)
    return await run.return_value()


@wf.workflow
async def double(value: int) -> int:
    """Double in a step."""
    return await add(value, value)


@wf.workflow
async def bill(token: str) -> int:
    """Everything that sends a message: steps, a sleep, a hook, a child."""
    two = await add(1, 1)
    await sleep("1s")
    async with Payment.wait(token=token) as hook:
        paid = (await hook).cents
    return await ask_child(two + paid)
