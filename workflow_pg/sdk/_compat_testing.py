"""What `workflow_pg.testing` needs of the SDK's private modules, beside `_compat`."""

# pyright: reportPrivateUsage=false
# Some of the SDK's generics are bare.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import copy
import re
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from types import SimpleNamespace
from typing import Any

from vercel.workflow._internal import duration as _duration
from vercel.workflow._internal import run as _run
from vercel.workflow._internal import runtime as _runtime
from vercel.workflow._internal import world as _world
from vercel.workflow._internal.core import Step, Workflows

Body = Callable[..., Coroutine[Any, Any, Any]]
"""What a step runs."""


def installed_world() -> _world.World | None:
    """The World of this process, without making the SDK's own when there is none."""
    return _world.the_world


class WatchedRegistry:
    """A registry whose steps may run another body.

    What the app holds stays as it is: a step is copied before its body is replaced.

    Args:
        registry: The app's.
        body_of: Told the name and the body of a step, says which body is to run.
    """

    def __init__(
        self, registry: Workflows, body_of: Callable[[str, Body], Body]
    ) -> None:
        self._registry = registry
        self._body_of = body_of

    def _get_step(self, step_name: str) -> Step[Any, Any]:
        step = copy.copy(self._registry._get_step(step_name))
        step.func = self._body_of(step.name, step.func)
        return step

    def __getattr__(self, name: str) -> Any:
        return getattr(self._registry, name)


class _OtherDatetime(type):
    """Makes a class that stands for ``datetime`` and has another ``now``."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)

    def __getattr__(cls, name: str) -> Any:
        return getattr(datetime, name)

    def __call__(cls, *arguments: Any, **options: Any) -> datetime:
        return datetime(*arguments, **options)  # noqa: DTZ001 - as the SDK says


@contextmanager
def other_time(
    now: Callable[[tzinfo | None], datetime], pause: Callable[[float], Awaitable[None]]
) -> Generator[None]:
    """Have the SDK read another clock, and ask for results in another rhythm.

    The SDK computes and compares the ends of sleeps by the wall clock, at each of the
    names that are replaced here. Timers of asyncio are not touched.

    Args:
        now: The time in a zone.
        pause: Awaited between two looks at a run whose result somebody waits for.
    """

    class Other(metaclass=_OtherDatetime):
        @staticmethod
        def now(tz: tzinfo | None = None) -> datetime:
            return now(tz)

    places = [
        (_runtime.__dict__, "datetime", Other),
        (_duration.__dict__, "datetime", Other),
        (_run.__dict__, "asyncio", SimpleNamespace(sleep=pause)),
    ]
    before = [names[name] for names, name, _ in places]
    for names, name, value in places:
        names[name] = value
    try:
        yield
    finally:
        for (names, name, _), value in zip(places, before, strict=True):
            names[name] = value


def duration(text: str) -> timedelta:
    """How long a duration in the SDK's words is, such as ``3 days`` or ``1h 30m``.

    Raises:
        ValueError: It is none.
    """
    # The SDK passes over what it does not know; a test would be wrong about the time.
    if not _DURATION.fullmatch(text):
        raise ValueError(f"{text!r} is no duration: write one like '3 days'")
    units = _duration.duration_units
    return timedelta(
        milliseconds=sum(
            float(number) * units[unit.lower()] for number, unit in _PART.findall(text)
        )
    )


_UNITS = "|".join(sorted(_duration.duration_units, key=len, reverse=True))
_PART = re.compile(rf"(\d+(?:\.\d+)?)\s*({_UNITS})(?![a-z])", re.IGNORECASE)
_DURATION = re.compile(rf"\s*(?:{_PART.pattern}\s*)+", re.IGNORECASE)


__all__ = [
    "Body",
    "Step",
    "WatchedRegistry",
    "duration",
    "installed_world",
    "other_time",
]
