"""`workflow-pg events`: the log of a run, and as it grows."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from workflow_pg.cli.asking import ask, look
from workflow_pg.cli.live import follow_log
from workflow_pg.cli.output import (
    ExitCode,
    payload_words,
    short,
    write_json,
    write_table,
)
from workflow_pg.cli.parser import Subparsers, add_command
from workflow_pg.cli.values import run_id

if TYPE_CHECKING:
    from workflow_pg.models import Event
    from workflow_pg.world import World

__all__ = ["add"]

PAGE = 1000

_EVENTS = ("seq", "time", "event", "id", "facts", "payload")


def add(subparsers: Subparsers) -> None:
    """Add `events`."""
    events = add_command(subparsers, "events", _events, help="print the log of a run")
    events.add_argument("run", metavar="RUN", type=run_id, help="id of the run")
    events.add_argument(
        "--follow",
        action="store_true",
        help="go on, and print events as they come, until the run is final",
    )


def _events(arguments: argparse.Namespace) -> int:
    async def read(world: World) -> list[Event]:
        await world.runs.get(arguments.run, with_input=False, with_outcome=False)
        return await _all_events(world, arguments.run)

    if arguments.follow:
        return look(
            arguments,
            lambda world: follow_log(
                world, arguments.run, _EVENTS, _event_row, as_json=arguments.json
            ),
        )
    found = ask(arguments, read)
    if arguments.json:
        write_json(found)
    else:
        write_table(_EVENTS, map(_event_row, found), has_exact_times=True)
    return ExitCode.OK


def _event_row(event: Event) -> tuple[object, ...]:
    facts = " ".join(f"{name}={value}" for name, value in (event.facts or {}).items())
    shown = "" if event.payload is None else payload_words(event.codec, event.payload)
    return (
        event.seq,
        event.created_at,
        event.event_type,
        event.correlation_id,
        short(facts, 60),
        short(shown, 60),
    )


async def _all_events(world: World, run_id: str) -> list[Event]:
    found: list[Event] = []
    while page := await world.events.list(
        run_id, after=found[-1].seq if found else None, limit=PAGE
    ):
        found += page
    return found
