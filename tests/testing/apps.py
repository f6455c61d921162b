"""Workflows as an app has them, whose steps note that their bodies ran."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import datetime

from vercel.workflow import (
    BaseHook,
    FatalError,
    RetryableError,
    Run,
    SandboxPolicy,
    Workflows,
    get_step_metadata,
    now,
    sleep,
    start,
)

wf = Workflows(sandbox_policy=SandboxPolicy(share_sandboxes=True))

ran: list[str] = []
"""What steps note, in the order of their bodies; steps run outside the sandbox."""

gates: dict[str, asyncio.Event] = {}
"""What the step `pass_gate` waits for, by name."""


@dataclasses.dataclass
class Approval(BaseHook):
    """A payload for hooks."""

    by: str


async def approve(token: str) -> None:
    """Resume a hook once."""
    # The SDK's signature leaves the type of its keyword arguments open.
    await Approval(by="Grace").resume(token)  # pyright: ignore[reportUnknownMemberType]


@wf.step
async def charge(order: str) -> str:
    """Note the order."""
    ran.append(order)
    return f"receipt-{order}"


@wf.step
async def rate_limited() -> int:
    """Fail once, and say when to come again."""
    attempt = get_step_metadata().attempt
    if attempt == 1:
        raise RetryableError("too many requests", retry_after="10m")
    return attempt


@wf.step
async def pass_gate(name: str) -> str:
    """Wait until the test opens the gate."""
    ran.append(name)
    await gates[name].wait()
    return f"{name} passed"


@wf.step
async def give_up() -> None:
    """Fail for good."""
    raise FatalError("out of stock")


@wf.step
async def start_nap(duration: str) -> str:
    """Start another run; returns its id."""
    return (await start(nap, "child", duration)).run_id


@wf.workflow
async def order(name: str) -> str:
    """Charge, and nothing else."""
    return await charge(name)


@wf.workflow
async def approval(name: str) -> str:
    """Sleep for a month, then ask."""
    await sleep("30 days")
    return (await Approval.wait(token=f"approve-{name}")).by


@wf.workflow
async def nap(name: str, *durations: str) -> str:
    """Sleep so long, and note each awakening."""
    for duration in durations:
        await sleep(duration)
        await charge(f"{name} after {duration}")
    return name


@wf.workflow
async def until(at: str) -> str:
    """Sleep until a moment; returns when it woke up."""
    await sleep(datetime.fromisoformat(at))
    return now().isoformat()


@wf.workflow
async def retried() -> int:
    """Call a step that wants to be called again in ten minutes."""
    return await rate_limited()


@wf.workflow
async def gated(name: str) -> str:
    """Wait for the test inside a step."""
    return await pass_gate(name)


@wf.workflow
async def doomed() -> None:
    """Fail for good."""
    await give_up()


@wf.workflow
async def endless() -> None:
    """Sleep again and again."""
    while True:
        await sleep("1 day")


@wf.workflow
async def parent() -> str:
    """Wait for another run, which sleeps."""
    run: Run[str] = Run(await start_nap("7 days"))
    return await run.return_value()
