"""The blocking World as the tests of the async one call it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any


class Awaited:
    """What stands for an object: each call of a method is made in another thread."""

    def __init__(self, held: object) -> None:
        self._held = held

    def __getattr__(self, name: str) -> Any:
        """A method that can be awaited, or what stands for a facade."""
        value = getattr(self._held, name)
        return _in_thread(value) if callable(value) else Awaited(value)


def _in_thread(method: Callable[..., object]) -> Callable[..., Awaitable[object]]:
    async def call(*arguments: object, **named: object) -> object:
        return await asyncio.to_thread(method, *arguments, **named)

    return call
