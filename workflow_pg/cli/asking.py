"""How a command asks the database."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from workflow_pg.cli.output import ExitCode
from workflow_pg.cli.parser import dsn_of

if TYPE_CHECKING:
    from workflow_pg.world import World

__all__ = ["ask", "look"]

T = TypeVar("T")


def ask(arguments: argparse.Namespace, use: Callable[[World], Awaitable[T]]) -> T:
    """Use a World on the database that is meant, after a look at its schema."""
    from workflow_pg.world import World

    async def run(dsn: str) -> T:
        async with World(dsn, max_size=1) as world:
            await world.check_schema()
            return await use(world)

    return asyncio.run(run(dsn_of(arguments)))


def look(
    arguments: argparse.Namespace, use: Callable[[World], Awaitable[None]]
) -> ExitCode:
    """Use a World until there is nothing more to see, or until Ctrl-C."""
    # It is how one stops to look.
    with suppress(KeyboardInterrupt):
        ask(arguments, use)
    return ExitCode.OK
