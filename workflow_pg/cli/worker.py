"""`workflow-pg worker` and `workflow-pg dev`: execute the workflows of an app."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_pg.cli.output import ExitCode, write_line
from workflow_pg.cli.parser import Subparsers, add_command, check_dsn, dsn_of
from workflow_pg.cli.values import seconds, utf8_text, whole_number

if TYPE_CHECKING:
    from workflow_pg.sdk.keys import KeyFile, KeyProvider
    from workflow_pg.sdk.worker import Worker

__all__ = ["add"]

# One claim takes no more.
_MOST_DELIVERIES = 1000
# A call takes a connection for a millisecond or so: many deliveries share a few.
_MOST_CONNECTIONS = 32


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
        help="the same with a PostgreSQL of this directory, migrated; Ctrl-C stops all",
        needs_database=False,
        has_json=False,
    )
    dev.set_defaults(listen_dsn=None)
    _add_worker_options(dev)


def _add_worker_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "app",
        metavar="MODULE:REGISTRY",
        type=utf8_text,
        help="where the app's Workflows() is; the app finds the database in"
        " WORKFLOW_PG_DSN",
    )
    parser.add_argument(
        "--concurrency",
        metavar="N",
        type=whole_number(1, _MOST_DELIVERIES),
        default=10,
        help=f"how many messages to handle at a time, 1 to {_MOST_DELIVERIES} (10)",
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


def _worker(arguments: argparse.Namespace) -> int:
    dsn = dsn_of(arguments)
    if arguments.listen_dsn:
        check_dsn(arguments.listen_dsn)
    return _work(arguments, dsn)


def _dev(arguments: argparse.Namespace) -> int:
    from workflow_pg.cli.registry import check_app
    from workflow_pg.embedded import start_dev
    from workflow_pg.migrate import up

    # Before there is a server: a wrong name should cost nothing.
    check_app(arguments.app)
    _named_keys(arguments)
    with start_dev(Path.cwd()) as server:
        arguments.dsn = server.dsn
        whose = "" if server.is_owner else " already, and ends with whoever started it"
        write_line(f"PostgreSQL {server.major} of this directory is up{whose}")
        up(server.dsn, on_line=write_line)
        return _work(arguments, server.dsn)


def _work(arguments: argparse.Namespace, dsn: str) -> int:
    from workflow_pg.cli.registry import load_registry

    keys = _named_keys(arguments)
    # An app may call use_postgres() where it is imported.
    os.environ["WORKFLOW_PG_DSN"] = dsn
    registry = load_registry(arguments.app)
    from workflow_pg.sdk.worker import Worker
    from workflow_pg.sdk.world import PostgresWorld

    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    everybody = arguments.deployment == "*"
    world = PostgresWorld(
        dsn,
        # Children of runs belong to the deployment of their parent, so '*' names none.
        deployment="default" if everybody else arguments.deployment,
        listen_dsn=arguments.listen_dsn,
        # The next statement may come to another session of the pooler.
        prepare_threshold=None if arguments.listen_dsn else 5,
        max_size=min(arguments.concurrency + 2, _MOST_CONNECTIONS),
        keys=keys or _keys_of_the_app(),
    )
    worker = Worker(
        registry,
        world,
        concurrency=arguments.concurrency,
        deployment=arguments.deployment,
        grace=arguments.grace,
        max_deliveries=arguments.max_deliveries,
    )
    try:
        asyncio.run(_until_stopped(worker))
    except asyncio.CancelledError:
        return ExitCode.INTERRUPTED
    return ExitCode.OK


def _named_keys(arguments: argparse.Namespace) -> KeyFile | None:
    """The key file that is named; reads it and the environment, to refuse at once."""
    from workflow_pg.sdk.keys import KeyFile, keys_of_environment

    keys_of_environment()
    if arguments.keys is None:
        return None
    file = KeyFile(arguments.keys)
    file.read()
    return file


def _keys_of_the_app() -> KeyProvider | None:
    """The keys that the app gave to use_postgres; else those of the environment."""
    from workflow_pg.sdk._compat import get_world
    from workflow_pg.sdk.keys import keys_of_environment
    from workflow_pg.sdk.world import PostgresWorld

    installed = get_world()
    if isinstance(installed, PostgresWorld):
        return installed.keys.provider
    return keys_of_environment()


async def _until_stopped(worker: Worker) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    working = asyncio.create_task(worker.run(stop))

    def end() -> None:
        if stop.is_set():
            working.cancel()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    await working
