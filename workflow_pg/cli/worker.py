"""`workflow-pg worker` and `workflow-pg dev`: execute the workflows of an app."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_pg.cli.output import CommandError, ExitCode, write_line
from workflow_pg.cli.parser import Subparsers, add_command, dsn_of

if TYPE_CHECKING:
    from vercel.workflow import Workflows

    from workflow_pg.sdk.worker import Worker

__all__ = ["add"]


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
        help="direct connection for notifications, where --dsn leads through a pooler",
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
    _add_worker_options(dev)


def _add_worker_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "app", metavar="MODULE:REGISTRY", help="where the app's Workflows() is"
    )
    parser.add_argument(
        "--concurrency",
        type=_positive,
        default=10,
        help="how many messages to handle at a time (10)",
    )
    parser.add_argument(
        "--deployment",
        default="default",
        help="whose runs to execute; '*' for those of all deployments (default)",
    )
    parser.add_argument(
        "--grace",
        type=_seconds,
        default=20.0,
        help="seconds that work in hand may take to finish after a stop (20)",
    )
    parser.add_argument(
        "--max-deliveries",
        type=_positive,
        default=64,
        help="how often a message is delivered before it is given up (64)",
    )


def _worker(arguments: argparse.Namespace) -> int:
    _work(arguments, dsn_of(arguments), arguments.listen_dsn)
    return ExitCode.OK


def _dev(arguments: argparse.Namespace) -> int:
    from workflow_pg.embedded import start_dev
    from workflow_pg.migrate import up

    # Before the server starts: a wrong name should cost nothing.
    load_registry(arguments.app)
    with start_dev(Path.cwd()) as server:
        arguments.dsn = server.dsn
        write_line(f"PostgreSQL {server.major} of this directory is up")
        up(server.dsn, on_line=write_line)
        _work(arguments, server.dsn, None)
    return ExitCode.OK


def _work(arguments: argparse.Namespace, dsn: str, listen_dsn: str | None) -> None:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    registry = load_registry(arguments.app)
    from workflow_pg.sdk.worker import Worker
    from workflow_pg.sdk.world import PostgresWorld

    # Children of runs belong to the deployment of their parent, so '*' names none.
    deployment = "default" if arguments.deployment == "*" else arguments.deployment
    world = PostgresWorld(
        dsn,
        deployment=deployment,
        listen_dsn=listen_dsn,
        max_size=arguments.concurrency + 2,
    )
    worker = Worker(
        registry,
        world,
        concurrency=arguments.concurrency,
        deployment=arguments.deployment,
        grace=arguments.grace,
        max_deliveries=arguments.max_deliveries,
    )
    asyncio.run(_until_stopped(worker))


async def _until_stopped(worker: Worker) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await worker.run(stop)


def load_registry(app: str) -> Workflows:
    """Import an app and take its registry.

    Args:
        app: ``module:attribute``; the module is looked for in the current directory
            first, as ``python -m`` does.

    Raises:
        CommandError: The SDK, the module or the registry is not there.
    """
    module_name, colon, attribute = app.partition(":")
    if not (module_name and colon and attribute):
        raise CommandError(
            f"{app!r} names no registry: write MODULE:REGISTRY, as in"
            " examples.orders:wf.",
            code=ExitCode.USAGE,
        )
    try:
        from vercel.workflow import Workflows

        from workflow_pg.sdk._compat import check_sdk_version

        check_sdk_version()
    except ImportError as error:
        raise CommandError(
            f"The SDK cannot be used: {error}; pip install 'workflow-pg[sdk]'.",
            code=ExitCode.USAGE,
        ) from error
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not module_name.startswith(error.name):
            raise
        raise CommandError(
            f"There is no module {error.name}: look at the name and the directory.",
            code=ExitCode.NOT_FOUND,
        ) from error
    registry = getattr(module, attribute, None)
    if not isinstance(registry, Workflows):
        raise CommandError(
            f"{app} is no registry: {attribute} has to be a"
            " vercel.workflow.Workflows().",
            code=ExitCode.NOT_FOUND,
        )
    return registry


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("has to be 1 or more")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 86400:
        raise argparse.ArgumentTypeError("has to be 0 to 86400 seconds")
    return number
