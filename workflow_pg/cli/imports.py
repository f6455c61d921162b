"""`workflow-pg import`: takes the runs of a TypeScript world-postgres."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from workflow_pg.cli.asking import ask
from workflow_pg.cli.output import (
    CommandError,
    ExitCode,
    write_json,
    write_line,
    write_table,
)
from workflow_pg.cli.parser import Subparsers, add_command, check_dsn
from workflow_pg.cli.values import utf8_text

if TYPE_CHECKING:
    from workflow_pg.importing import Import

__all__ = ["add"]


def add(subparsers: Subparsers) -> None:
    """Add `import`."""
    command = add_command(
        subparsers,
        "import",
        _import,
        help="take the runs of a database of @workflow/world-postgres",
        description="Take runs, steps, hooks, waits, events and streams out of a"
        " database of the TypeScript package @workflow/world-postgres.\n"
        "That database is only read. Live runs go on here, so stop its workers first."
        " What was taken before is passed over: repeat it when it was stopped.\n"
        "Ends with 1 when something could not be taken; it says what.",
    )
    command.add_argument(
        "--from",
        dest="source",
        metavar="DSN",
        type=utf8_text,
        required=True,
        help="the other database",
    )
    command.add_argument(
        "--deployment",
        metavar="NAME",
        type=utf8_text,
        help="whose workers are to execute the runs that are live; else those of"
        " their own deployment, which is `postgres` there",
    )
    command.add_argument(
        "--namespace",
        metavar="NAME",
        type=utf8_text,
        help="namespace of the queues, if the other world was given one",
    )


def _import(arguments: argparse.Namespace) -> int:
    from workflow_pg.importing import Unreadable, import_from

    check_dsn(arguments.source, option="--from")
    source = arguments.source
    progress = _silent if arguments.json else _say
    try:
        done = ask(
            arguments,
            lambda world: import_from(
                source,
                world,
                deployment_id=arguments.deployment,
                namespace=arguments.namespace,
                progress=progress,
            ),
        )
    except Unreadable as error:
        raise CommandError(str(error), code=ExitCode.UNUSABLE) from error
    if arguments.json:
        write_json(
            {
                "runs": done.runs,
                "events": done.events,
                "streams": done.streams,
                "is_complete": done.is_complete,
                "problems": done.problems,
            }
        )
    else:
        _write(done)
    return ExitCode.OK if done.is_complete else ExitCode.NEGATIVE


def _silent(_: Import) -> None:
    """Say nothing: the document comes at the end."""


def _say(done: Import) -> None:
    write_line(f"{done.runs.total()} runs so far")


def _write(done: Import) -> None:
    if done.problems:
        headings = ("run", "kind", "id", "taken", "code", "what")
        write_table(
            headings,
            [
                (p.run_id, p.kind, p.id, p.is_taken, p.code, p.sentence)
                for p in done.problems
            ],
        )
    counts = [f"{done.runs[name]} {name}" for name in OUTCOMES]
    write_line(
        f"runs: {', '.join(counts)}; {done.events} events, {done.streams} streams"
    )


OUTCOMES = ("imported", "present", "changed", "refused")
