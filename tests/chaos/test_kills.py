"""Two hundred runs while a worker is killed every two seconds.

Nothing is lost: every run completes with its result, the queue drains to empty, and a
step whose completion was committed before the kill had one effect.
"""

from __future__ import annotations

import asyncio
import collections
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from vercel.workflow import HookNotFoundError, start

from tests.chaos import crowd
from tests.chaos.crowd import walk
from tests.sdk.waiting import until
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.world import PostgresWorld

COMMAND = [sys.executable, "-m", "workflow_pg.cli", "worker"]
RUNS = 200
KILL_EVERY_SECONDS = 2.0
LIMIT_SECONDS = 300.0


class Crew:
    """Two workers; one of them is killed and replaced, in turn."""

    def __init__(self, dsn: str, journal: Path) -> None:
        self._environment = {
            **os.environ,
            "WORKFLOW_PG_DSN": dsn,
            "CROWD_JOURNAL": str(journal),
        }
        self._log = journal.with_suffix(".log")
        self._workers = [self._hire(), self._hire()]
        self._next = 0
        self.kills = 0

    def _hire(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [*COMMAND, "tests.chaos.crowd:wf"],
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    def has_begun(self, conn: psycopg.Connection) -> bool:
        """Whether the older one can claim: a slow machine may take long to start it."""
        query = (
            "select count(*) from workflow_pg_private.workers where worker_id like %s"
        )
        older = self._workers[self._next].pid
        return conn.execute(query, [f"%:{older}:%"]).fetchone() == (1,)

    def kill_one(self) -> None:
        """Kill the older one and start another in its place."""
        turn, self._next = self._next, 1 - self._next
        worker = self._workers[turn]
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        self._workers[turn] = self._hire()
        self.kills += 1

    def dismiss(self) -> None:
        """End both, in order."""
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            worker.wait()


@pytest.mark.one_major
@pytest.mark.timeout(LIMIT_SECONDS + 60)
async def test_every_run_completes_while_workers_are_killed(
    dsn: str, conn: psycopg.Connection, tmp_path: Path
) -> None:
    world = PostgresWorld(dsn)
    before = sdk.get_world()
    sdk.set_world(world)
    journal = tmp_path / "journal"
    began = time.monotonic()
    runs = [await start(walk, number) for number in range(RUNS)]
    crew = Crew(dsn, journal)
    resuming = asyncio.create_task(resume_all())
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            while not is_over(conn):
                await asyncio.sleep(KILL_EVERY_SECONDS)
                if crew.has_begun(conn):
                    crew.kill_one()
        resuming.cancel()
        await drained(conn)
    finally:
        crew.dismiss()
    took = time.monotonic() - began
    print(f"{RUNS} runs, {crew.kills} kills: {took:.0f} s")

    results = await asyncio.gather(*(run.return_value() for run in runs))
    assert results == [number + 3 + number for number in range(RUNS)]
    await world.worlds.close()
    sdk.set_world(before)
    assert_bodies(conn, journal)


async def resume_all() -> None:
    """Resume the hook of every run, when it is there."""
    waiting = collections.deque(range(RUNS))
    while waiting:
        number = waiting.popleft()
        try:
            await crowd.resume(number)
        except HookNotFoundError:
            waiting.append(number)
            await asyncio.sleep(0.01)


def is_over(conn: psycopg.Connection) -> bool:
    """Whether every run is final."""
    row = conn.execute(
        "select count(*) from workflow_pg.runs where status < 'completed'"
    ).fetchone()
    return row == (0,)


async def drained(conn: psycopg.Connection) -> None:
    """Wait until the queue is empty; leases of the dead have to end first."""
    left = "select count(*) from workflow_pg_private.messages"
    await until(lambda: conn.execute(left).fetchone() == (0,), seconds=60)


def assert_bodies(conn: psycopg.Connection, journal: Path) -> None:
    """No step had more bodies than attempts, and none an attempt after its end.

    So a step whose completion was committed before a kill had no further effect, and
    one that was started once had exactly one.
    """
    ran = collections.Counter(
        tuple(line.split()) for line in journal.read_text().splitlines()
    )
    steps = conn.execute(
        """
        select s.run_id, split_part(s.step_name, '//', 3), s.status::text, s.attempt
          from workflow_pg.steps as s
        """
    ).fetchall()
    assert len(steps) == 3 * RUNS
    for run_id, name, status, attempt in steps:
        assert status == "completed"
        assert 1 <= ran[run_id, name] <= attempt
        if attempt == 1:
            assert ran[run_id, name] == 1
    restarted = conn.execute(
        """
        select count(*)
          from workflow_pg.events as ended
          join workflow_pg.events as started using (run_id, correlation_id)
         where ended.event_type = 'step_completed'
           and started.event_type = 'step_started'
           and started.seq > ended.seq
        """
    ).fetchone()
    assert restarted == (0,)
    failures = conn.execute(
        """
        select count(*) from workflow_pg.events
         where event_type in ('step_failed', 'step_retrying')
        """
    ).fetchone()
    assert failures == (0,)
