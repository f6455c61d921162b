"""One worker in this process: its options, and its life until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflow_pg.cli.logs import LogFormat, set_up_logs
from workflow_pg.cli.output import ExitCode

if TYPE_CHECKING:
    from workflow_pg.sdk.keys import KeyProvider
    from workflow_pg.sdk.worker import Worker

__all__ = ["WorkerOptions", "check_keys", "work"]

# A call takes a connection for a millisecond or so: many deliveries share a few.
_MOST_CONNECTIONS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """What the command line says of a worker. All of it has a form in JSON."""

    app: str
    dsn: str
    listen_dsn: str | None
    keys: str | None
    concurrency: int
    deployment: str
    grace: float
    max_deliveries: int
    log_format: LogFormat | None
    log_level: str | None


def work(
    options: WorkerOptions, *, on_begin: Callable[[], object] | None = None
) -> int:
    """Execute the workflows of an app until SIGTERM or Ctrl-C; an ExitCode.

    Args:
        options: Those of the worker.
        on_begin: Told once, when the worker can claim.

    Raises:
        CommandError: There is no such app, or it cannot be imported.
        SchemaUnusable: The schema is missing, half-migrated, older or newer.
        Unreachable: There is no server at the start.
    """
    from workflow_pg.cli.registry import load_registry

    # An app may call use_postgres() where it is imported.
    os.environ["WORKFLOW_PG_DSN"] = options.dsn
    if options.log_format is not None:
        # Before the app, whose basicConfig() then finds that all is done.
        set_up_logs(options.log_format, options.log_level)
    registry = load_registry(options.app)
    set_up_logs(options.log_format, options.log_level)
    from workflow_pg.sdk.keys import KeyFile
    from workflow_pg.sdk.worker import Worker
    from workflow_pg.sdk.world import PostgresWorld

    everybody = options.deployment == "*"
    world = PostgresWorld(
        options.dsn,
        # Children of runs belong to the deployment of their parent, so '*' names none.
        deployment="default" if everybody else options.deployment,
        listen_dsn=options.listen_dsn,
        # The next statement may come to another session of the pooler.
        prepare_threshold=None if options.listen_dsn else 5,
        max_size=min(options.concurrency + 2, _MOST_CONNECTIONS),
        keys=KeyFile(options.keys) if options.keys else _keys_of_the_app(),
    )
    worker = Worker(
        registry,
        world,
        concurrency=options.concurrency,
        deployment=options.deployment,
        grace=options.grace,
        max_deliveries=options.max_deliveries,
        on_begin=on_begin,
    )
    try:
        asyncio.run(_until_stopped(worker))
    except asyncio.CancelledError:
        return ExitCode.INTERRUPTED
    return ExitCode.OK


def check_keys(path: str | None) -> None:
    """Read the key file that is named, and the environment, to refuse at once."""
    from workflow_pg.sdk.keys import KeyFile, keys_of_environment

    keys_of_environment()
    if path is not None:
        KeyFile(path).read()


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
