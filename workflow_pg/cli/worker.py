"""`workflow-pg worker` and `workflow-pg dev`: execute the workflows of an app."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_pg.cli.logs import LOG_LEVELS, LogFormat, set_up_logs
from workflow_pg.cli.output import CommandError, ExitCode, write_line
from workflow_pg.cli.parser import Subparsers, add_command, check_dsn, dsn_of
from workflow_pg.cli.reload import changes_of, check_watcher
from workflow_pg.cli.values import seconds, utf8_text, whole_number

if TYPE_CHECKING:
    from workflow_pg.cli.working import WorkerOptions

__all__ = ["add"]

# One claim takes no more.
_MOST_DELIVERIES = 1000
_MOST_PROCESSES = 128


def add(subparsers: Subparsers) -> None:
    """Add `worker` and `dev`."""
    worker = add_command(
        subparsers,
        "worker",
        _worker,
        help="execute the workflows of an app, until SIGTERM or Ctrl-C",
        has_json=False,
    )
    worker.add_argument(
        "--listen-dsn",
        metavar="DSN",
        type=utf8_text,
        help="direct connection for notifications, where --dsn leads through a"
        " pooler; then no statement is prepared",
    )
    _add_worker_options(worker)
    dev = add_command(
        subparsers,
        "dev",
        _dev,
        help="a worker and a PostgreSQL of this directory, migrated; Ctrl-C stops all",
        needs_database=False,
        has_json=False,
    )
    dev.set_defaults(listen_dsn=None)
    instead = dev.add_mutually_exclusive_group()
    instead.add_argument(
        "--print-dsn",
        action="store_true",
        help="print the connection string of the server that runs, and end",
    )
    instead.add_argument(
        "--remove",
        action="store_true",
        help="remove the data of this directory's server, which must not run, and end",
    )
    _add_worker_options(dev, needs_app=False)
    dev.add_argument(
        "--reload",
        action="store_true",
        help="start the worker anew when a .py file of the app changes; runs go on"
        " where their log ends",
    )


def _add_worker_options(
    parser: argparse.ArgumentParser, *, needs_app: bool = True
) -> None:
    parser.add_argument(
        "app",
        metavar="MODULE:REGISTRY",
        type=utf8_text,
        nargs=None if needs_app else "?",
        help="where the app's Workflows() is; the app finds the database in"
        " WORKFLOW_PG_DSN",
    )
    parser.add_argument(
        "--concurrency",
        metavar="N",
        type=whole_number(1, _MOST_DELIVERIES),
        default=10,
        help="how many messages each process handles at a time, 1 to"
        f" {_MOST_DELIVERIES} (10)",
    )
    parser.add_argument(
        "--processes",
        metavar="N",
        type=whole_number(1, _MOST_PROCESSES),
        default=1,
        help=f"how many processes, 1 to {_MOST_PROCESSES}; with more than one, those"
        " that die are started again (1)",
    )
    parser.add_argument(
        "--deployment",
        metavar="NAME",
        type=utf8_text,
        default="default",
        help="whose runs to execute; '*' for those of all deployments (default)",
    )
    parser.add_argument(
        "--grace",
        metavar="SECONDS",
        type=seconds(86400),
        default=20.0,
        help="time that work in hand has to finish after a stop (20); a second"
        " Ctrl-C ends it",
    )
    parser.add_argument(
        "--keys",
        metavar="FILE",
        type=utf8_text,
        help="encryption keys, a line ID:SECRET for each; else those that the app"
        " gives to use_postgres, else WORKFLOW_PG_KEYS",
    )
    parser.add_argument(
        "--max-deliveries",
        metavar="N",
        type=whole_number(1, 1000),
        default=64,
        help="how often a message is delivered before it is given up (64)",
    )
    parser.add_argument(
        "--log-format",
        choices=["text", "json"],
        help="a line for people, or a JSON object on a line, of each log record (text,"
        " unless the app sets up logging itself)",
    )
    parser.add_argument(
        "--log-level",
        choices=LOG_LEVELS,
        help="the least level that is logged (info)",
    )


def _worker(arguments: argparse.Namespace) -> int:
    dsn = dsn_of(arguments)
    if arguments.listen_dsn:
        check_dsn(arguments.listen_dsn, option="--listen-dsn")
    return _work(arguments, dsn)


def _dev(arguments: argparse.Namespace) -> int:
    if arguments.print_dsn:
        return _print_dsn()
    if arguments.remove:
        return _remove()
    if arguments.app is None:
        raise CommandError(
            "Name the app as MODULE:REGISTRY, like shop:wf.",
            code=ExitCode.USAGE,
        )
    from workflow_pg.cli.registry import check_app
    from workflow_pg.cli.working import check_keys
    from workflow_pg.embedded import start_dev
    from workflow_pg.migrate import up

    # Before there is a server: a wrong name should cost nothing.
    check_app(arguments.app)
    check_keys(arguments.keys)
    if arguments.reload:
        check_watcher()
    with start_dev(Path.cwd()) as server:
        arguments.dsn = server.dsn
        whose = "" if server.is_owner else " already, and ends with whoever started it"
        write_line(f"PostgreSQL {server.major} of this directory is up{whose}")
        up(server.dsn, on_line=write_line)
        return _work(arguments, server.dsn, reload=arguments.reload)


def _print_dsn() -> int:
    from workflow_pg.embedded import dev_dsn

    dsn = dev_dsn(Path.cwd())
    if dsn is None:
        raise CommandError(
            f"No development server of {Path.cwd()} runs: start it there with"
            " `workflow-pg dev MODULE:REGISTRY`.",
            code=ExitCode.NOT_FOUND,
        )
    write_line(dsn)
    return ExitCode.OK


def _remove() -> int:
    from workflow_pg.embedded import destroy_dev, dev_dsn

    if dev_dsn(Path.cwd()) is not None:
        raise CommandError(
            f"The development server of {Path.cwd()} runs: stop its `workflow-pg dev`"
            " first.",
            code=ExitCode.REFUSED,
        )
    if not destroy_dev(Path.cwd()):
        raise CommandError(
            f"No development server of {Path.cwd()} has left data.",
            code=ExitCode.NOT_FOUND,
        )
    write_line(f"the data of the development server of {Path.cwd()} is removed")
    return ExitCode.OK


def _work(arguments: argparse.Namespace, dsn: str, *, reload: bool = False) -> int:
    from workflow_pg.cli.working import WorkerOptions, check_keys, work

    check_keys(arguments.keys)
    chosen: str | None = arguments.log_format
    options = WorkerOptions(
        app=arguments.app,
        dsn=dsn,
        listen_dsn=arguments.listen_dsn,
        keys=arguments.keys,
        concurrency=arguments.concurrency,
        deployment=arguments.deployment,
        grace=arguments.grace,
        max_deliveries=arguments.max_deliveries,
        log_format=None if chosen is None else LogFormat(chosen),
        log_level=arguments.log_level,
    )
    if arguments.processes == 1 and not reload:
        return work(options)
    return _supervise(options, arguments.processes, reload=reload)


def _supervise(options: WorkerOptions, count: int, *, reload: bool) -> int:
    from workflow_pg.cli.processes import Processes
    from workflow_pg.cli.registry import check_app

    # Once, and not by each of the processes.
    check_app(options.app)
    set_up_logs(options.log_format, options.log_level)

    async def run() -> int:
        changes = changes_of(options.app) if reload else None
        return await Processes(options, count=count, changes=changes).run()

    return asyncio.run(run())
