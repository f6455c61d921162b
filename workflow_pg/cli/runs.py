"""`workflow-pg runs ...` and `workflow-pg events`: look at runs, and cancel one.

What else is done to a run is in ``repairs``; ``verification`` checks them.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from workflow_pg.cli.asking import ask, look
from workflow_pg.cli.live import watch_runs
from workflow_pg.cli.output import (
    CommandError,
    ExitCode,
    time_words,
    write_json,
    write_line,
    write_table,
    write_words,
)
from workflow_pg.cli.parser import Subparsers, add_command, add_group
from workflow_pg.cli.payloads import (
    Reader,
    Shown,
    add_keys,
    reader_of,
    write_payload,
)
from workflow_pg.cli.repairs import add_repairs
from workflow_pg.cli.values import pair, run_id, utf8_text, whole_number
from workflow_pg.cli.verification import add_verification

if TYPE_CHECKING:
    from workflow_pg.models import Reason, Run, Step
    from workflow_pg.world import World

__all__ = ["add"]

PAGE = 1000

_RUNS = ("run", "status", "workflow", "deployment", "created", "ended")


def add(subparsers: Subparsers) -> None:
    """Add `runs` with its commands."""
    commands = add_group(subparsers, "runs", help="look at runs, or put one right")
    listing = add_command(commands, "list", _list, help="list runs, newest first")
    which = listing.add_mutually_exclusive_group()
    which.add_argument(
        "--status",
        choices=["pending", "running", "completed", "failed", "cancelled"],
        help="only runs in this status",
    )
    which.add_argument(
        "--live", action="store_true", help="only runs that are not over"
    )
    listing.add_argument(
        "--deployment",
        metavar="NAME",
        type=utf8_text,
        help="only runs of this deployment",
    )
    listing.add_argument(
        "--workflow", metavar="NAME", type=utf8_text, help="only runs of this workflow"
    )
    listing.add_argument(
        "--where",
        metavar="KEY=VALUE",
        type=pair,
        action="append",
        default=[],
        help="only runs that have this attribute; may be repeated",
    )
    listing.add_argument(
        "--limit",
        metavar="N",
        type=whole_number(1, PAGE),
        default=20,
        help=f"how many, 1 to {PAGE} (20)",
    )
    listing.add_argument(
        "--watch",
        action="store_true",
        help="go on and show what changes, until Ctrl-C",
    )
    show = add_command(
        commands, "show", _show, help="show a run, its steps and what it waits for"
    )
    show.add_argument("run", metavar="RUN", type=run_id, help="id of the run")
    add_keys(show)
    cancel = add_command(
        commands, "cancel", _cancel, help="cancel a run; steps under way may finish"
    )
    cancel.add_argument("run", metavar="RUN", type=run_id, help="id of the run")
    cancel.add_argument(
        "--reason", type=utf8_text, help="for people, at most 512 UTF-16 units"
    )
    add_repairs(commands)
    add_verification(commands)


def _list(arguments: argparse.Namespace) -> int:
    from workflow_pg.models import RunStatus

    status = RunStatus(arguments.status) if arguments.status else None
    attributes = _attributes(arguments.where)

    async def read(world: World) -> list[Run]:
        return await world.runs.list(
            status=status,
            workflow_name=arguments.workflow,
            deployment_id=arguments.deployment,
            only_live=arguments.live,
            attributes=attributes or None,
            limit=arguments.limit,
        )

    if arguments.watch:
        return look(
            arguments,
            lambda world: watch_runs(
                lambda: read(world), _RUNS, _list_row, as_json=arguments.json
            ),
        )
    found = ask(arguments, read)
    if arguments.json:
        write_json(found)
    elif not found:
        write_line("no runs")
    else:
        write_table(_RUNS, map(_list_row, found))
    return ExitCode.OK


def _attributes(pairs: list[tuple[str, str]]) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for key, value in pairs:
        if wanted.setdefault(key, value) != value:
            raise CommandError(
                f"--where names {key} with two values, and no run has both.",
                code=ExitCode.USAGE,
            )
    return wanted


def _list_row(run: Run) -> tuple[object, ...]:
    return (
        run.run_id,
        run.status,
        run.workflow_name,
        run.deployment_id,
        run.created_at,
        run.completed_at,
    )


def _show(arguments: argparse.Namespace) -> int:
    async def read(world: World) -> tuple[Run, list[Step], list[Reason], Reader]:
        run = await _with_payloads(world, arguments.run)
        return (
            run,
            await _all_steps(world, run.run_id),
            await world.runs.why(run.run_id),
            await reader_of(arguments, world, run.run_id),
        )

    run, steps, reasons, reader = ask(arguments, read)
    shown = _payloads(run, reader)
    if arguments.json:
        decoded = {name: part.value for name, part in shown.items() if part.is_read}
        told = {"run": run, "decoded": decoded, "steps": steps, "why": reasons}
        write_json(told)
        return ExitCode.OK
    write_words(run.run_id, run.status, run.workflow_name)
    write_line(
        f"deployment {run.deployment_id}, spec version {run.spec_version}, "
        f"{run.last_seq} events, created {time_words(run.created_at)}"
    )
    if run.expired_at is not None:
        write_line(f"purged {time_words(run.expired_at)}: its payloads are deleted")
    for key, value in sorted(run.attributes.items()):
        write_line(f"attribute {key}: {value}")
    for name, part in shown.items():
        write_payload(name, part)
    for name, words in (
        ("error code", run.error_code),
        ("cancelled because", run.cancel_reason),
    ):
        if words is not None:
            write_line(f"{name}: {words}")
    if steps:
        print()
        headings = ("step", "status", "attempt", "name", "started", "ended")
        write_table(headings, map(_step_row, steps))
    print()
    for reason in reasons:
        # The table has said so of each step.
        if reason.cause != "step":
            write_line(f"{reason.cause}: {reason.sentence}")
    return ExitCode.OK


def _payloads(run: Run, reader: Reader) -> dict[str, Shown]:
    return {
        name: reader.read(codec, payload, is_error=name == "error")
        for name, codec, payload in (
            ("input", run.input_codec, run.input),
            ("output", run.output_codec, run.output),
            ("error", run.error_codec, run.error),
        )
        if payload is not None
    }


def _step_row(step: Step) -> tuple[object, ...]:
    return (
        step.step_id,
        step.status,
        step.attempt,
        step.step_name,
        step.started_at,
        step.completed_at,
    )


def _cancel(arguments: argparse.Namespace) -> int:
    from workflow_pg.errors import Conflict

    try:
        reply = ask(
            arguments,
            lambda world: world.runs.cancel(arguments.run, reason=arguments.reason),
        )
    except Conflict as error:
        raise CommandError(
            f"Run {arguments.run} is {error.detail.get('run_status')}: only a run that"
            " is not over is cancelled.",
            code=ExitCode.REFUSED,
        ) from error
    if arguments.json:
        write_json(reply)
    elif reply.seq is None:
        write_line(f"run {arguments.run} was cancelled before")
    else:
        write_line(f"run {arguments.run} is cancelled")
    return ExitCode.OK


async def _with_payloads(world: World, run_id: str) -> Run:
    """The run with its payloads, unless they were purged."""
    from workflow_pg.errors import RunFinal

    try:
        return await world.runs.get(run_id)
    except RunFinal:
        return await world.runs.get(run_id, with_input=False, with_outcome=False)


async def _all_steps(world: World, run_id: str) -> list[Step]:
    found: list[Step] = []
    while page := await world.steps.list(
        run_id, after=found[-1].step_id if found else None, limit=PAGE
    ):
        found += page
    return found
