"""`workflow-pg runs retry | wake | purge | delete`: what people do to a run by hand."""

from __future__ import annotations

import argparse

from workflow_pg.cli.asking import ask
from workflow_pg.cli.output import ExitCode, write_json, write_line
from workflow_pg.cli.parser import Subparsers, add_command
from workflow_pg.cli.values import run_id, utf8_text

__all__ = ["add_repairs"]


def add_repairs(commands: Subparsers) -> None:
    """Add them to the commands of `runs`."""
    retry = add_command(
        commands,
        "retry",
        _retry,
        help="do the work of a failed or cancelled run again, in a new run",
    )
    retry.add_argument("run", metavar="RUN", type=run_id, help="id of the old run")
    retry.add_argument(
        "--deployment",
        metavar="NAME",
        type=utf8_text,
        help="whose workers are to execute the new run; else those of the old one",
    )
    retry.add_argument(
        "--anyway",
        action="store_true",
        help="also a run that is completed, or was retried before",
    )
    wake = add_command(commands, "wake", _wake, help="have a live run replayed now")
    wake.add_argument("run", metavar="RUN", type=run_id, help="id of the run")
    wake.add_argument(
        "--waits", action="store_true", help="let its sleeps be over, too"
    )
    purge = add_command(
        commands,
        "purge",
        _purge,
        help="delete the payloads of a run that is over, for good, and keep the run",
    )
    purge.add_argument("run", metavar="RUN", type=run_id, help="id of the run")
    delete = add_command(
        commands,
        "delete",
        _delete,
        help="delete a run that is over, with everything of it, for good",
    )
    delete.add_argument("run", metavar="RUN", type=run_id, help="id of the run")


def _retry(arguments: argparse.Namespace) -> int:
    reply = ask(
        arguments,
        lambda world: world.operations.retry_run(
            arguments.run,
            deployment_id=arguments.deployment,
            anyway=arguments.anyway,
        ),
    )
    if arguments.json:
        write_json(reply)
    else:
        write_line(f"run {reply.run_id} does the work of {arguments.run} again")
    return ExitCode.OK


def _wake(arguments: argparse.Namespace) -> int:
    done = ask(
        arguments,
        lambda world: world.operations.wake_run(
            arguments.run, with_waits=arguments.waits
        ),
    )
    if arguments.json:
        write_json(done)
    else:
        sleeps = (
            f"; sleeps that were ended: {done.waits_completed}"
            if arguments.waits
            else ""
        )
        write_line(f"run {arguments.run} is woken{sleeps}")
    return ExitCode.OK


def _purge(arguments: argparse.Namespace) -> int:
    gone = ask(arguments, lambda world: world.operations.purge_run(arguments.run))
    if arguments.json:
        write_json(gone)
    else:
        write_line(
            f"run {arguments.run} is purged; payloads: {gone.events},"
            f" streams: {gone.streams}, messages: {gone.messages}"
        )
    return ExitCode.OK


def _delete(arguments: argparse.Namespace) -> int:
    gone = ask(arguments, lambda world: world.operations.delete_run(arguments.run))
    if arguments.json:
        write_json(gone)
    else:
        write_line(
            f"run {arguments.run} is deleted; events: {gone.events},"
            f" steps: {gone.steps}, hooks: {gone.hooks}, waits: {gone.waits},"
            f" messages: {gone.messages}, streams: {gone.streams}"
        )
    return ExitCode.OK
