"""Races of payloads, sleeps and steps, in crowds of runs."""

from __future__ import annotations

import asyncio
import collections
import random

from vercel.workflow import SandboxPolicy, Workflows, get_step_metadata, sleep

from tests.scenarios.apps.payloads import Note, race

wf = Workflows(sandbox_policy=SandboxPolicy(share_sandboxes=True))

ran: collections.Counter[str] = collections.Counter()
"""How often bodies of steps ran, by run and argument."""


@wf.step
async def note(text: str) -> str:
    """Remember a text."""
    ran[f"{get_step_metadata().run_id}:{text}"] += 1
    return text


@wf.step
async def jitter(value: int, upto: float) -> int:
    """Return a number after a moment that nobody knows."""
    await asyncio.sleep(random.random() * upto)
    return value


@wf.workflow
async def deadline(token: str) -> list[str]:
    """A payload that races a deadline; what follows depends on the winner."""
    async with Note.wait(token=token) as hook:
        text = await race(hook, 1)
        winner = "sleep" if text is None else "payload"
        return [winner, await note(f"{token} {winner}")]


@wf.workflow
async def cycles(token: str, times: int) -> list[int]:
    """A fresh hook in every cycle, raced with a heartbeat."""
    payloads = beats = 0
    while payloads < times:
        async with Note.wait(token=token) as hook:
            while (text := await race(hook, 1)) is None:
                beats += 1
            await note(f"{token} {text}")
            payloads += 1
    return [payloads, beats]


@wf.workflow
async def reused(token: str, times: int) -> list[int]:
    """One hook for all payloads, raced with heartbeats."""
    payloads = beats = 0
    async with Note.wait(token=token) as hook:
        while payloads < times:
            if await race(hook, 1) is None:
                beats += 1
                continue
            payloads += 1
            await note(f"{token} {payloads}")
    return [payloads, beats]


@wf.workflow
async def fan_out(seed: int, rounds: int, width: int) -> int:
    """Rounds of parallel steps, each round made from the results of the last."""
    total = seed
    for _ in range(rounds):
        total = sum(
            await asyncio.gather(*(jitter(total + n, 0.02) for n in range(width)))
        )
    return total


@wf.workflow
async def step_or_sleep(upto: float) -> list[str]:
    """A step against a second; what follows depends on the winner."""
    step = asyncio.ensure_future(jitter(1, upto))
    nap = asyncio.ensure_future(sleep("1s"))
    done, _ = await asyncio.wait({step, nap}, return_when=asyncio.FIRST_COMPLETED)
    winner = "step" if step in done else "sleep"
    return [winner, await note(f"after {winner}"), await note("at the end")]


@wf.workflow
async def branches(token: str, width: int) -> list[str]:
    """Branches that launch, wait for a payload or a watchdog, and finish."""

    async def branch(number: int) -> str:
        await jitter(number, 0.05)
        async with Note.wait(token=f"{token}:{number}") as hook:
            text = await race(hook, 1)
        return await note(f"{number} {text or 'watchdog'}")

    return list(await asyncio.gather(*(branch(number) for number in range(width))))


@wf.workflow
async def storm(token: str) -> list[str]:
    """How many steps there are depends on a payload."""
    async with Note.wait(token=token) as hook:
        text = await race(hook, 1)
    width = 1 if text is None else int(text)
    return list(await asyncio.gather(*(note(f"{n} of {width}") for n in range(width))))
