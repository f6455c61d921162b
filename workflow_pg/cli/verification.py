"""`workflow-pg runs verify`: compare what the tables say about runs with their logs."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from workflow_pg.cli.asking import ask
from workflow_pg.cli.output import (
    CommandError,
    ExitCode,
    write_json,
    write_line,
    write_table,
)
from workflow_pg.cli.parser import Subparsers, add_command
from workflow_pg.cli.values import run_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from workflow_pg.models import Discrepancy
    from workflow_pg.world import World

__all__ = ["add_verification"]

PAGE = 1000


def add_verification(commands: Subparsers) -> None:
    """Add it to the commands of `runs`."""
    verify = add_command(
        commands,
        "verify",
        _verify,
        help="compare what the tables say about runs with their logs",
    )
    verify.add_argument(
        "run", metavar="RUN", type=run_id, nargs="*", help="ids of runs"
    )
    verify.add_argument("--all", action="store_true", help="every run there is")


def _verify(arguments: argparse.Namespace) -> int:
    if bool(arguments.run) == arguments.all:
        raise CommandError(
            "Name the runs to verify, or say --all: one of the two.",
            code=ExitCode.USAGE,
        )

    async def read(world: World) -> tuple[int, dict[str, list[Discrepancy]]]:
        count = 0
        found: dict[str, list[Discrepancy]] = {}
        async for name in _named(world, arguments.run):
            count += 1
            if wrong := await world.operations.verify_run(name):
                found[name] = wrong
        return count, found

    count, found = ask(arguments, read)
    if arguments.json:
        write_json({"runs": count, "discrepancies": found})
    elif found:
        headings = ("run", "entity", "id", "by the log", "in the table")
        rows = [(name, one) for name, wrong in found.items() for one in wrong]
        write_table(headings, (_row(name, one) for name, one in rows))
    else:
        write_line(f"runs that were verified: {count}; the tables agree with the logs")
    return ExitCode.NEGATIVE if found else ExitCode.OK


async def _named(world: World, names: list[str]) -> AsyncIterator[str]:
    """The runs that were named; else all of them, a page at a time, newest first."""
    for name in names:
        yield name
    if names:
        return
    cursor = None
    while page := await world.runs.list(limit=PAGE, cursor=cursor):
        for run in page:
            yield run.run_id
        cursor = page[-1].cursor


def _row(name: str, one: Discrepancy) -> tuple[object, ...]:
    return (name, one.entity, one.entity_id, _words(one.expected), _words(one.found))


def _words(columns: dict[str, Any] | None) -> str:
    return "no row" if columns is None else json.dumps(columns)
