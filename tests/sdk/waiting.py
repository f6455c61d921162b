"""Waiting for something that another task, thread or process does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from vercel.workflow import HookNotFoundError


async def until(is_so: Callable[[], object], *, seconds: float = 20) -> None:
    """Look again and again until it is so; fail when that takes too long."""
    async with asyncio.timeout(seconds):
        # It happens in the database or in another process: no event tells of it.
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def once_created(resume: Callable[[], Awaitable[object]]) -> None:
    """Resume a hook, as soon as its run has created it."""
    while True:
        try:
            await resume()
        except HookNotFoundError:
            await asyncio.sleep(0.02)
        else:
            return
