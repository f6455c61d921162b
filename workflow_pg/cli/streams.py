"""`workflow-pg streams ...`: what runs stream, as a list and as it comes."""

from __future__ import annotations

import argparse
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING

from workflow_pg.cli.asking import ask, look
from workflow_pg.cli.output import (
    CommandError,
    ExitCode,
    write_error,
    write_json,
    write_line,
    write_table,
)
from workflow_pg.cli.parser import Subparsers, add_command, add_group
from workflow_pg.cli.payloads import Reader, add_keys, document, reader_of
from workflow_pg.cli.values import run_id, utf8_text, whole_number

if TYPE_CHECKING:
    from workflow_pg.models import Run, Stream, StreamChunk
    from workflow_pg.world import World

__all__ = ["add"]

PAGE = 1000
HEADER = 4
"""Bytes before a payload of the SDK's, which say how long it is."""


def add(subparsers: Subparsers) -> None:
    """Add `streams` with its commands."""
    commands = add_group(subparsers, "streams", help="look at what runs stream")
    listing = add_command(
        commands, "list", _list, help="list the streams of a run, oldest first"
    )
    listing.add_argument("run", metavar="RUN", type=utf8_text, help="id of the run")
    tail = add_command(
        commands,
        "tail",
        _tail,
        help="print the chunks of a stream as they come, until it is closed",
        description="Print the chunks of a stream as they come, until it is closed or"
        "\nyou press Ctrl-C. One that nobody has written to yet is waited for.",
    )
    tail.add_argument("run", metavar="RUN", type=utf8_text, help="id of the run")
    tail.add_argument(
        "name",
        metavar="NAME",
        type=utf8_text,
        nargs="?",
        help="the stream, as `streams list` prints it; else the run's default stream",
    )
    tail.add_argument(
        "--from",
        dest="start",
        metavar="N",
        type=whole_number(-999_999_999, 999_999_999),
        default=0,
        help="index to start at; negative: so many chunks before the end (0)",
    )
    add_keys(tail)
    tail.add_argument(
        "--raw", action="store_true", help="print the bytes as they are stored"
    )


def _list(arguments: argparse.Namespace) -> int:
    async def read(world: World) -> list[Stream]:
        found: list[Stream] = []
        while page := await world.streams.list(
            arguments.run, after=found[-1].name if found else None, limit=PAGE
        ):
            found += page
        if not found:
            # A run that is not there is told apart from one that streams nothing.
            await _run_of(world, arguments.run)
        return found

    found = ask(arguments, read)
    if arguments.json:
        write_json(found)
    elif not found:
        write_line("no streams")
    else:
        write_table(("stream", "chunks", "created", "closed"), map(_row, found))
    return ExitCode.OK


async def _run_of(world: World, given: str) -> Run:
    """The run of a stream that nobody has written to.

    Raises:
        NotFound: There is no such run.
        CommandError: It is no id of one.
    """
    try:
        run = run_id(given)
    except argparse.ArgumentTypeError as error:
        raise CommandError(f"{error}.", code=ExitCode.USAGE) from None
    return await world.runs.get(run, with_input=False, with_outcome=False)


def _row(stream: Stream) -> tuple[object, ...]:
    return (
        stream.name,
        stream.tail_index + 1,
        stream.created_at,
        stream.closed_at,
    )


def _tail(arguments: argparse.Namespace) -> int:
    if arguments.raw and arguments.json:
        raise CommandError(
            "--raw and --json exclude each other: pass one of them.",
            code=ExitCode.USAGE,
        )
    run: str = arguments.run
    if arguments.name is None and not run.startswith("wrun_"):
        raise CommandError(
            f"{run} is no run of the SDK's and has no default stream: name one,"
            " as `workflow-pg streams list` prints it.",
            code=ExitCode.USAGE,
        )
    # As the SDK names it.
    name: str = arguments.name or f"{run.replace('wrun_', 'strm_', 1)}_user"

    async def follow(world: World) -> None:
        await _say_what_is_waited_for(world, run, name)
        reader = await reader_of(arguments, world, run)
        reading = world.streams.read(run, name, start=arguments.start)
        async with aclosing(reading) as chunks:
            async for chunk in chunks:
                _write_chunk(chunk, reader, arguments)

    return look(arguments, follow)


async def _say_what_is_waited_for(world: World, given: str, name: str) -> None:
    """Tell a stream that nobody has written to from one that nobody will write to.

    Raises:
        NotFound: There is no such run.
        CommandError: The run is over and has no such stream.
    """
    stream = await world.streams.get(given, name)
    if stream.created_at is not None:
        return
    run = await _run_of(world, given)
    if run.completed_at is not None:
        raise CommandError(
            f"Run {given} is {run.status} and has no stream {name}:"
            f" `workflow-pg streams list {given}` prints those that it has.",
            code=ExitCode.NOT_FOUND,
        )
    write_error(f"nobody has written to stream {name} yet: waiting")


def _write_chunk(
    chunk: StreamChunk, reader: Reader, arguments: argparse.Namespace
) -> None:
    if arguments.raw:
        sys.stdout.buffer.write(chunk.data)
        sys.stdout.buffer.flush()
        return
    shown = reader.read(None, _payload(chunk.data))
    if arguments.json:
        write_json(document(chunk, shown), is_line=True)
    else:
        write_line(f"{chunk.index}  {shown.words}")


def _payload(data: bytes) -> bytes:
    """A chunk without the header that the SDK puts before each."""
    is_framed = int.from_bytes(data[:HEADER], "big") == len(data) - HEADER
    return data[HEADER:] if is_framed else data
