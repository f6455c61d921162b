"""How many runs and steps a second, by the SDK on PostgreSQL with one worker process.

    python -m bench.throughput [--runs N] [--repeats N] [--processes N]

A server of its own, with all that makes a commit durable, on this machine. Runs are
started by the SDK while the worker is stopped with SIGSTOP. Then it goes on, and what
counts is the time by the database's clock until the last of them is completed: its
replays, its steps, and nothing of starting them. Medians of several repetitions.

The floor is the same workflows in this process with a World that forgets everything:
what the SDK costs by itself, on one core.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from vercel.workflow import start

from bench.memory import MemoryWorld
from workflow_pg.embedded import EmbeddedServer
from workflow_pg.migrate import up
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk import use_postgres

ROOT = Path(__file__).parents[1]
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
PATIENCE_SECONDS = 600.0
CONCURRENCY = 10
STARTS_AT_ONCE = 20
MODES = {"default": "bench.apps.fresh", "share_sandboxes": "bench.apps.shared"}
WORKFLOWS = {
    "one": ("1 step", 1),
    "five": ("5 in turn", 5),
    "twenty": ("20 at once", 20),
}
# Of `--runs`, in hundredths: where a run takes longer, fewer are enough.
SHARES = {"one": 100, "five": 40, "twenty": 30}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Runs a second of one workflow in one mode, of each repetition."""

    mode: str
    workflow: str
    on_postgres: list[float]
    in_memory: list[float]

    def line(self) -> str:
        """A row of the table that is printed."""
        title, steps = WORKFLOWS[self.workflow]
        rate, floor = map(statistics.median, (self.on_postgres, self.in_memory))
        return (
            f"{self.mode:<16}{title:<12}{rate:>9.1f}{rate * steps:>9.0f}"
            f"{min(self.on_postgres):>9.1f} -{max(self.on_postgres):>7.1f}"
            f"{floor:>11.1f}{rate / floor:>8.2f}"
        )


HEADING = (
    f"{'sandbox':<16}{'workflow':<12}{'runs/s':>9}{'steps/s':>9}"
    f"{'runs/s from - to':>18}{'in memory':>11}{'ratio':>8}"
)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=200, help="of one step (200)")
    parser.add_argument("--repeats", type=int, default=5, help="of each (5)")
    parser.add_argument("--processes", type=int, default=1, help="of workers (1)")
    arguments = parser.parse_args()
    results: list[Result] = []
    with EmbeddedServer(settings=DURABLE) as server:
        up(server.dsn())
        print(conditions(server.dsn(), arguments), HEADING, sep="\n", flush=True)
        for mode, module in MODES.items():
            with worker(server.dsn(), module, arguments.processes) as pids:
                for workflow in WORKFLOWS:
                    runs = max(arguments.runs * SHARES[workflow] // 100, 1)
                    results.append(
                        measure(server.dsn(), mode, workflow, runs, arguments, pids)
                    )
                    print(results[-1].line(), flush=True)
    return 0


def conditions(dsn: str, arguments: argparse.Namespace) -> str:
    """What the figures depend on."""
    with psycopg.connect(dsn) as connection:
        version = connection.info.server_version
    load = "/".join(f"{part:.1f}" for part in os.getloadavg())
    return (
        f"Python {platform.python_version()}, psycopg {psycopg.__version__}, PostgreSQL"
        f" {version // 10_000}.{version % 10_000}, {os.cpu_count()} cores, load {load};"
        f" {arguments.processes} worker process(es) with {CONCURRENCY} slots,"
        f" {arguments.runs} runs, medians of {arguments.repeats}"
    )


def measure(
    dsn: str,
    mode: str,
    workflow: str,
    runs: int,
    arguments: argparse.Namespace,
    pids: list[int],
) -> Result:
    """Measure one workflow in one mode; the first time warms up and does not count."""
    module = MODES[mode]
    use_postgres(dsn)
    on_postgres = [
        rate_on_postgres(dsn, module, workflow, runs, pids)
        for _ in range(arguments.repeats + 1)
    ]
    in_memory = [
        asyncio.run(rate_in_memory(module, workflow, max(runs // 4, 1)))
        for _ in range(arguments.repeats + 1)
    ]
    return Result(
        mode=mode,
        workflow=workflow,
        on_postgres=on_postgres[1:],
        in_memory=in_memory[1:],
    )


def rate_on_postgres(
    dsn: str, module: str, workflow: str, runs: int, pids: list[int]
) -> float:
    """Runs a second from the moment that the workers may begin."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        asyncio.run(start_runs(module, workflow, runs))
        with psycopg.connect(dsn, autocommit=True) as connection:
            began = connection.execute("select clock_timestamp()").fetchone()
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    assert began is not None
    deadline = time.monotonic() + PATIENCE_SECONDS
    with psycopg.connect(dsn, autocommit=True) as connection:
        while True:
            row = connection.execute(
                "select count(*) filter (where completed_at is null),"
                " count(*) filter (where status <> 'completed'),"
                " extract(epoch from max(completed_at) - %s)::float8"
                " from workflow_pg.runs where created_at > %s - interval '1 hour'"
                " and (completed_at is null or completed_at > %s)",
                [began[0]] * 3,
            ).fetchone()
            assert row is not None
            open_runs, not_completed, seconds = row
            if open_runs == 0:
                break
            if time.monotonic() > deadline:
                raise SystemExit(f"{open_runs} runs are not over")
            time.sleep(0.05)
        if not_completed:
            raise SystemExit(f"{not_completed} runs have failed")
        return runs / seconds


async def start_runs(module: str, workflow: str, runs: int) -> None:
    """Start runs as a program of the SDK does."""
    function = getattr(importlib.import_module(module), workflow)
    turn = asyncio.Semaphore(STARTS_AT_ONCE)

    async def begin(number: int) -> None:
        async with turn:
            await start(function, number)

    await asyncio.gather(*(begin(number) for number in range(runs)))


async def rate_in_memory(module: str, workflow: str, runs: int) -> float:
    """Runs a second with nothing but the SDK, in this process."""
    before = sdk.get_world()
    world = MemoryWorld()
    sdk.set_world(world)
    try:
        registry = importlib.import_module(module).wf
        sdk.workflow_entrypoint(registry)
        handler = world.handlers[sdk.get_queue_topic_prefix(registry.namespace)]
        await start_runs(module, workflow, runs)
        began = time.perf_counter()
        await world.deliver(handler, at_once=CONCURRENCY)
        seconds = time.perf_counter() - began
        if world.finished != runs:
            raise SystemExit(f"{runs - world.finished} runs are not over")
        return runs / seconds
    finally:
        sdk.set_world(before)


@contextlib.contextmanager
def worker(dsn: str, module: str, processes: int) -> Generator[list[int]]:
    """Worker processes for an app, each as `workflow-pg worker` starts it."""
    command = [sys.executable, "-m", "workflow_pg.cli", "worker", f"{module}:wf"]
    command += ["--concurrency", str(CONCURRENCY), "--log-level", "info"]
    environment = {**os.environ, "WORKFLOW_PG_DSN": dsn, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile() as log:
        started = [
            subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
            for _ in range(processes)
        ]
        try:
            wait_for_workers(dsn, started)
            yield [one.pid for one in started]
        finally:
            for one in started:
                one.terminate()
            for one in started:
                one.wait()


def wait_for_workers(dsn: str, started: list[subprocess.Popen[bytes]]) -> None:
    """Wait until all of them are announced."""
    deadline = time.monotonic() + 60
    with psycopg.connect(dsn, autocommit=True) as connection:
        query = "select count(*) from workflow_pg_private.workers where is_idle"
        while connection.execute(query).fetchone() != (len(started),):
            if any(one.poll() is not None for one in started):
                raise SystemExit("a worker did not start")
            if time.monotonic() > deadline:
                raise SystemExit("the workers are not ready")
            time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
