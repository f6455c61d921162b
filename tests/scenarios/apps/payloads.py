"""A payload, and how a body waits for it no longer than it wants."""

from __future__ import annotations

import asyncio
import dataclasses

from vercel.workflow import BaseHook, HookEvent, sleep


@dataclasses.dataclass
class Note(BaseHook):
    """A payload."""

    text: str


async def race(hook: HookEvent[Note], seconds: float) -> str | None:
    """The text of the next payload, or None when that takes too long."""

    async def next_text() -> str:
        return (await hook).text

    reading = asyncio.ensure_future(next_text())
    clock = asyncio.ensure_future(sleep(seconds))
    done, _ = await asyncio.wait({reading, clock}, return_when=asyncio.FIRST_COMPLETED)
    if reading in done:
        return await reading
    reading.cancel()
    return None
