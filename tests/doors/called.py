"""Stands for a World, async or not: each call of a method runs to its end."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from typing import Any

from tests.doors.values import Refused
from workflow_pg import Refusal

Run = Callable[[Any], Any]


class Called:
    """What stands for an object. `run` makes a result of what a method returns."""

    def __init__(self, held: object, run: Run) -> None:
        self._held = held
        self._run = run

    def __getattr__(self, name: str) -> Any:
        """A method, or what stands for a facade."""
        value = getattr(self._held, name)
        if not callable(value):
            return Called(value, self._run)

        def call(*arguments: object, **named: object) -> object:
            with _refusals():
                return self._run(value(*arguments, **named))

        return call


@contextmanager
def _refusals() -> Generator[None]:
    """Refusals of the package as those of a door."""
    try:
        yield
    except Refusal as error:
        seconds = error.detail.get("retry_after")
        raise Refused(int(error.sqlstate[2:]), seconds, str(error)) from error


def blocking(result: Any) -> Any:
    """The result of a blocking method; all that it yields, if it is a generator."""
    return list(result) if inspect.isgenerator(result) else result


def driven_by(runner: asyncio.Runner) -> Run:
    """How results of an async World are had: its loop runs during calls only."""

    def run(result: Any) -> Any:
        return runner.run(_listed(result) if inspect.isasyncgen(result) else result)

    return run


async def _listed(items: AsyncIterator[object]) -> list[object]:
    return [item async for item in items]
