"""`workflow-pg hooks ...`: what waits for the world outside, and an answer to it."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, NoReturn

from workflow_pg.cli.asking import ask
from workflow_pg.cli.output import (
    ExitCode,
    write_json,
    write_line,
    write_table,
)
from workflow_pg.cli.parser import Subparsers, add_command, add_group
from workflow_pg.cli.values import run_id, utf8_text, whole_number

if TYPE_CHECKING:
    from workflow_pg.models import Hook
    from workflow_pg.world import World

__all__ = ["add"]

PAGE = 1000


def add(subparsers: Subparsers) -> None:
    """Add `hooks` with its commands."""
    commands = add_group(subparsers, "hooks", help="look at live hooks, or resume one")
    listing = add_command(
        commands, "list", _list, help="list the live hooks, of one run or of all"
    )
    listing.add_argument(
        "run", metavar="RUN", type=run_id, nargs="?", help="only those of this run"
    )
    listing.add_argument(
        "--after",
        metavar="TOKEN",
        type=utf8_text,
        help="of all runs: go on after this token, the last one of the page before",
    )
    listing.add_argument(
        "--limit",
        metavar="N",
        type=whole_number(1, PAGE),
        default=100,
        help=f"of all runs: how many, 1 to {PAGE} (100)",
    )
    resume = add_command(
        commands, "resume", _resume, help="give the hook that holds a token a payload"
    )
    resume.add_argument("token", metavar="TOKEN", type=utf8_text, help="its token")
    resume.add_argument(
        "payload",
        metavar="JSON",
        type=_json,
        help="what the workflow receives; null for nothing",
    )


def _json(given: str) -> str:
    """Read a JSON document; its text stays as it is."""

    def refuse(name: str) -> NoReturn:
        raise ValueError(f"{name} is no JSON")

    text = utf8_text(given)
    try:
        json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"this is no JSON: {error}") from None
    return text


def _list(arguments: argparse.Namespace) -> int:
    async def read(world: World) -> list[Hook]:
        if arguments.run is None:
            return await world.hooks.list_all(
                after_token=arguments.after, limit=arguments.limit
            )
        # A run that is not there is told apart from one without hooks.
        await world.runs.get(arguments.run, with_input=False, with_outcome=False)
        return await _all_of_run(world, arguments.run)

    found = ask(arguments, read)
    if arguments.json:
        write_json(found)
    elif not found:
        write_line("no live hooks")
    else:
        write_table(("token", "run", "hook", "of", "created"), map(_row, found))
    return ExitCode.OK


async def _all_of_run(world: World, run_id: str) -> list[Hook]:
    found: list[Hook] = []
    while page := await world.hooks.list(
        run_id, after=found[-1].hook_id if found else None, limit=PAGE
    ):
        found += page
    return found


def _row(hook: Hook) -> tuple[object, ...]:
    return (
        hook.token,
        hook.run_id,
        hook.hook_id,
        "the SDK" if hook.is_system else "the workflow",
        hook.created_at,
    )


def _resume(arguments: argparse.Namespace) -> int:
    payload: str = arguments.payload
    reply = ask(
        arguments, lambda world: world.hooks.resume(arguments.token, payload.encode())
    )
    if arguments.json:
        write_json(reply)
    else:
        write_line(f"hook {reply.correlation_id} of run {reply.run_id} has received it")
    return ExitCode.OK
