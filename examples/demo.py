"""One order from start to end, with a worker killed half way.

A throwaway PostgreSQL, migrated; this process starts the run and resumes its hook; a
worker executes it in another process. While the worker is inside the step `pack` it
is killed with SIGKILL, and another one finishes the run. What is printed is checked.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator

from vercel.workflow import HookNotFoundError, Run, start

from examples.orders import approve_order, fulfil
from workflow_pg.embedded import EmbeddedServer
from workflow_pg.migrate import up
from workflow_pg.models import Event, EventType
from workflow_pg.sdk import use_postgres
from workflow_pg.world import World

ORDER = "A17"
PATIENCE_SECONDS = 50.0

BEGAN = time.monotonic()


def say(text: str) -> None:
    """Print a line with the seconds since the demo began."""
    print(f"{time.monotonic() - BEGAN:6.1f} s  {text}", flush=True)


@contextlib.contextmanager
def worker(dsn: str, journal: pathlib.Path) -> Generator[subprocess.Popen[bytes]]:
    """A worker in a process of its own; gone after the block."""
    log = journal.with_suffix(".log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "workflow_pg.cli", "worker", "examples.orders:wf"],
        env={**os.environ, "WORKFLOW_PG_DSN": dsn, "ORDERS_JOURNAL": str(journal)},
        stdout=log,
        stderr=log,
    )
    say(f"worker {process.pid} started")
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        log.close()


async def noted(journal: pathlib.Path, line: str) -> None:
    """Wait until a step has noted a line in the journal."""
    # Another process writes it: there is no event to wait for.
    while line not in counted(journal):  # noqa: ASYNC110
        await asyncio.sleep(0.05)


def counted(journal: pathlib.Path) -> collections.Counter[str]:
    """How often each line stands in the journal."""
    text = journal.read_text() if journal.exists() else ""
    return collections.Counter(text.split())


async def approve() -> None:
    """Resume the hook of the order, as soon as the workflow has created it."""
    while True:
        try:
            await approve_order(ORDER, by="Grace")
        except HookNotFoundError:
            await asyncio.sleep(0.1)
        else:
            return


async def fulfil_one(dsn: str, journal: pathlib.Path) -> str:
    """Start the order, kill the worker inside `pack`, and see the order through."""
    run: Run[dict[str, str]] = await start(fulfil, ORDER, 4200)
    say(f"run {run.run_id} started; nobody executes it yet")
    with worker(dsn, journal) as first:
        await approve()
        say("hook resumed: the order is approved")
        await noted(journal, "pack")
        first.send_signal(signal.SIGKILL)
        say(f"worker {first.pid} killed inside the step `pack`")
    with worker(dsn, journal):
        say("its lease ends 15 s after its last renewal; then another takes the step")
        result = await run.return_value()
    say(f"result: {result}")
    return run.run_id


async def check(dsn: str, run_id: str, journal: pathlib.Path) -> None:
    """Check what happened: bodies by the journal, the rest by the log."""
    async with World(dsn) as world:
        events = await world.events.list(run_id)
        forgotten = await world.queue.unwakeable_runs()
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    ends = {EventType.RUN_COMPLETED, EventType.RUN_FAILED, EventType.RUN_CANCELLED}
    assert [event.event_type for event in events if event.event_type in ends] == [
        EventType.RUN_COMPLETED
    ]
    assert counted(journal) == {"charge": 1, "reserve": 1, "print_label": 3, "pack": 2}
    assert started(events, "pack") == 2, "the killed step ran twice"
    assert not forgotten, forgotten
    say("charge and reserve ran once, print_label three times (two retries),")
    say("pack twice (it was killed); positions are dense; the run ended once")


def started(events: list[Event], step: str) -> int:
    """How often the log says that a step was started."""
    ids = {
        event.correlation_id
        for event in events
        if event.event_type is EventType.STEP_CREATED
        and str((event.facts or {}).get("stepName", "")).endswith(f"//{step}")
    }
    return sum(
        event.event_type is EventType.STEP_STARTED and event.correlation_id in ids
        for event in events
    )


def main() -> int:
    """Run the demo; 0 when all that it says is true."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedServer() as server:
        journal = pathlib.Path(folder) / "journal"
        dsn = server.dsn()
        say(f"PostgreSQL {server.major} is up")
        up(dsn)
        say("database migrated")
        use_postgres(dsn)
        try:
            run_id = asyncio.run(
                asyncio.wait_for(fulfil_one(dsn, journal), PATIENCE_SECONDS)
            )
        except BaseException:
            print(journal.with_suffix(".log").read_text(), file=sys.stderr)
            raise
        print()
        command = [sys.executable, "-m", "workflow_pg.cli", "events", run_id]
        subprocess.run(command, env={**os.environ, "WORKFLOW_PG_DSN": dsn}, check=True)
        print()
        asyncio.run(check(dsn, run_id, journal))
    return 0


if __name__ == "__main__":
    sys.exit(main())
