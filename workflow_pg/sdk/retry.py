"""The one place where calls are repeated after the database or the way to it failed.

Every call that is repeated is safe to repeat: appends carry a dedup key or converge
on a conflict, messages carry an id drawn before the first try, queue calls a token.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from workflow_pg import errors

T = TypeVar("T")

log = logging.getLogger("workflow_pg")

PRODUCER_SECONDS = 30.0
"""How long a producer goes on trying; a worker does as long as it holds its lease."""

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0


async def persist(
    call: Callable[[], Awaitable[T]], may_go_on: Callable[[float], bool]
) -> T:
    """Make a call until it succeeds, is refused, or there is no point any more.

    Args:
        call: One statement; called anew for each try.
        may_go_on: Told the seconds since the first try, says whether to try again.

    Raises:
        Exception: What the last try raised, when it was no transient failure or
            ``may_go_on`` said no.
    """
    began = time.monotonic()
    pause = FIRST_PAUSE
    while True:
        try:
            return await call()
        except Exception as error:
            if not errors.is_transient(error) or not may_go_on(
                time.monotonic() - began
            ):
                raise
            log.info("trying again in %.2f s: %s", pause, error)
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))
        pause = min(pause * 2, LONGEST_PAUSE)
