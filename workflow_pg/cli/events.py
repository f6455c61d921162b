"""`workflow-pg events`: the log of a run, and as it grows."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from workflow_pg.cli.asking import ask, look
from workflow_pg.cli.live import follow_log
from workflow_pg.cli.output import (
    ExitCode,
    short,
    write_json,
    write_table,
)
from workflow_pg.cli.parser import Subparsers, add_command
from workflow_pg.cli.payloads import Reader, add_keys, document, reader_of
from workflow_pg.cli.values import run_id

if TYPE_CHECKING:
    from workflow_pg.models import Event, Run
    from workflow_pg.world import World

__all__ = ["add"]

PAGE = 1000

_EVENTS = ("seq", "time", "event", "id", "facts", "payload")


def add(subparsers: Subparsers) -> None:
    """Add `events`."""
    events = add_command(subparsers, "events", _events, help="print the log of a run")
    events.add_argument("run", metavar="RUN", type=run_id, help="id of the run")
    add_keys(events)
    events.add_argument(
        "--follow",
        action="store_true",
        help="go on, and print events as they come, until the run is final",
    )


def _events(arguments: argparse.Namespace) -> int:
    async def follow(world: World) -> None:
        reader = await reader_of(arguments, world, arguments.run)
        await follow_log(
            world,
            arguments.run,
            _EVENTS,
            lambda event: _row(event, reader),
            document_of=lambda event: document(event, reader.of_event(event)),
            as_json=arguments.json,
        )

    async def read(world: World) -> tuple[list[Event], Reader]:
        run = await world.runs.get(arguments.run, with_input=False, with_outcome=False)
        reader = await reader_of(arguments, world, arguments.run)
        return await _all_events(world, run), reader

    if arguments.follow:
        return look(arguments, follow)
    found, reader = ask(arguments, read)
    if arguments.json:
        write_json([document(event, reader.of_event(event)) for event in found])
    else:
        rows = [_row(event, reader) for event in found]
        write_table(_EVENTS, rows, has_exact_times=True)
    return ExitCode.OK


def _row(event: Event, reader: Reader) -> tuple[object, ...]:
    facts = " ".join(f"{name}={value}" for name, value in (event.facts or {}).items())
    shown = reader.of_event(event)
    return (
        event.seq,
        event.created_at,
        event.event_type,
        event.correlation_id,
        short(facts, 60),
        "" if shown is None else short(shown.words, 60),
    )


async def _all_events(world: World, run: Run) -> list[Event]:
    found: list[Event] = []
    while page := await world.events.list(
        run.run_id,
        after=found[-1].seq if found else None,
        limit=PAGE,
        with_payloads=run.expired_at is None,
    ):
        found += page
    return found
