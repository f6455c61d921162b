"""`workflow-pg queue ...` and `workflow-pg workers`: what waits, and who works."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from workflow_pg.cli.ages import age_words
from workflow_pg.cli.asking import ask
from workflow_pg.cli.output import (
    CommandError,
    ExitCode,
    short,
    write_json,
    write_line,
    write_table,
)
from workflow_pg.cli.parser import Subparsers, add_command, add_group
from workflow_pg.cli.values import utf8_text, whole_number

if TYPE_CHECKING:
    from workflow_pg.models import BuriedMessage, QueueStat, WorkerState

__all__ = ["add"]

PAGE = 1000


def add(subparsers: Subparsers) -> None:
    """Add `queue` with its commands, and `workers`."""
    commands = add_group(subparsers, "queue", help="look at the queue, or mend it")
    add_command(
        commands, "stats", _stats, help="count messages by deployment and served name"
    )
    dead = add_command(
        commands, "dead", _dead, help="list messages that were given up, newest first"
    )
    dead.add_argument(
        "--limit",
        metavar="N",
        type=whole_number(1, PAGE),
        default=20,
        help=f"how many, 1 to {PAGE} (20)",
    )
    requeue = add_command(
        commands,
        "requeue",
        _requeue,
        help="have messages that were given up delivered again",
        description="Have a message that was given up delivered again, or all of a run."
        "\nA run that has failed with its message is retried: `runs retry`.",
    )
    requeue.add_argument(
        "message",
        metavar="MESSAGE",
        type=utf8_text,
        nargs="?",
        help="id of the message; else all of --run",
    )
    requeue.add_argument("--run", metavar="RUN", type=utf8_text, help="id of its run")
    workers = add_command(
        subparsers,
        "workers",
        _workers,
        help="list the workers that live, and those that died in the last hour",
    )
    workers.add_argument(
        "--deployment",
        metavar="NAME",
        type=utf8_text,
        help="only those that execute runs of this deployment",
    )


def _stats(arguments: argparse.Namespace) -> int:
    found = ask(arguments, lambda world: world.operations.queue_stats())
    if arguments.json:
        write_json(found)
    elif not found:
        write_line("no messages")
    else:
        headings = (
            *("deployment", "name", "due", "delayed", "leased", "expired", "buried"),
            *("unserved", "workers", "oldest due"),
        )
        write_table(headings, map(_stat_row, found))
    return ExitCode.OK


def _stat_row(stat: QueueStat) -> tuple[object, ...]:
    return (
        stat.deployment_id,
        stat.serves,
        stat.due,
        stat.delayed,
        stat.leased,
        stat.expired,
        stat.buried,
        stat.unserved,
        stat.workers,
        age_words(stat.oldest_due_age),
    )


def _dead(arguments: argparse.Namespace) -> int:
    found = ask(
        arguments, lambda world: world.operations.list_buried(limit=arguments.limit)
    )
    if arguments.json:
        write_json(found)
    elif not found:
        write_line("no message was given up")
    else:
        headings = ("message", "run", "is", "step", "attempt", "since", "error")
        write_table(headings, map(_dead_row, found))
    return ExitCode.OK


def _dead_row(message: BuriedMessage) -> tuple[object, ...]:
    return (
        message.message_id,
        message.run_id,
        message.run_status or "absent",
        message.step_id,
        message.attempt,
        message.buried_at,
        short(message.last_error or "", 60),
    )


def _requeue(arguments: argparse.Namespace) -> int:
    if arguments.message is None and arguments.run is None:
        raise CommandError(
            "Name a MESSAGE, as `workflow-pg queue dead` prints it, or a --run.",
            code=ExitCode.USAGE,
        )
    done = ask(
        arguments,
        lambda world: world.operations.requeue_messages(
            arguments.message, run_id=arguments.run
        ),
    )
    if arguments.json:
        write_json(done)
    else:
        for message in done:
            write_line(
                f"message {message.message_id} of run {message.run_id} is delivered"
                " again"
            )
    return ExitCode.OK


def _workers(arguments: argparse.Namespace) -> int:
    found = ask(
        arguments,
        lambda world: world.operations.list_workers(deployment_id=arguments.deployment),
    )
    if arguments.json:
        write_json(found)
    elif not found:
        write_line("no workers")
    else:
        headings = (
            *("worker", "is", "deployment", "namespace", "in flight", "heartbeat"),
            "serves",
        )
        write_table(headings, map(_worker_row, found))
    return ExitCode.OK


def _worker_row(worker: WorkerState) -> tuple[object, ...]:
    return (
        worker.worker_id,
        "alive" if worker.is_alive else "dead",
        worker.deployment_id,
        worker.namespace,
        worker.in_flight,
        f"{age_words(worker.seen_age)} ago",
        short(", ".join([*worker.workflows, *worker.steps]), 60),
    )
