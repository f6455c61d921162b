"""Workers that die, are cut off, or come late: what becomes of the runs."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vercel.workflow import start

from tests.cli.command import ROOT, environment
from tests.crew import Crew, at_work
from tests.scenarios.apps import recovery
from tests.scenarios.crowds import crowd, takes_its_time
from tests.sdk.waiting import until
from tests.support import Session

COMMAND = [sys.executable, "-m", "workflow_pg.cli", "worker"]
APP = "tests.scenarios.apps.recovery:wf"


@contextmanager
def hired(dsn: str, log: Path) -> Generator[subprocess.Popen[bytes]]:
    """A worker in a process of its own."""
    with log.open("ab") as file:
        process = subprocess.Popen(
            [*COMMAND, APP], cwd=ROOT, env=environment(dsn), stdout=file, stderr=file
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def let_leases_end(session: Session) -> None:
    """As if 15 s had passed since a worker was last heard of."""
    session.do(
        "update workflow_pg_private.messages set lease_until = '-infinity'"
        " where lease_token is not null"
    )


async def test_a_step_that_kills_its_workers_fails_by_its_attempts(
    dsn: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    async with at_work(dsn) as crew:
        run = await start(recovery.deadly)
        for _ in range(2):
            with hired(dsn, log) as worker:
                await until(lambda: worker.poll() is not None)
            assert worker.returncode == -signal.SIGKILL
            let_leases_end(crew.session)
        with hired(dsn, log):
            failure = await crew.failure(run)
        assert "exceeded max retries" in str(failure)
        assert [step["attempt"] for step in crew.steps(run)] == [3]


async def test_a_sleep_survives_its_worker_and_is_not_over_early(
    dsn: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    async with at_work(dsn) as crew:
        run = await start(recovery.nap, 3)
        with hired(dsn, log) as worker:
            await crew.reaches(run, "wait_created")
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        let_leases_end(crew.session)
        with hired(dsn, log):
            assert await crew.result(run) == 3
        late = crew.session.value(
            "select extract(epoch from e.created_at - w.resume_at)::float8"
            "  from workflow_pg.waits as w join workflow_pg.events as e"
            "    on e.run_id = w.run_id and e.correlation_id = w.wait_id"
            "   and e.event_type = 'wait_completed' where w.run_id = %s",
            run.run_id,
        )
        assert 0 <= late < 10


async def test_a_worker_that_comes_while_a_step_runs_does_not_repeat_it(
    dsn: str,
) -> None:
    recovery.gates["busy"] = asyncio.Event()
    async with at_work(dsn, recovery.wf) as crew:
        run = await start(recovery.gated, "busy")
        await crew.reaches(run, "step_started")
        async with at_work(dsn, recovery.wf):
            others = [await start(recovery.two_steps) for _ in range(10)]
            for other in others:
                assert await crew.result(other) == 3
            recovery.gates["busy"].set()
            assert await crew.result(run) == "busy in attempt 1"
    assert recovery.ran["busy"] == 1


async def test_a_worker_that_dies_after_a_step_and_before_its_wake_up_is_not_missed(
    dsn: str,
) -> None:
    async with at_work(dsn, recovery.wf) as crew:
        send, died = crew.world.queue, list[str]()

        async def die_once(queue_name: str, message: Any, **options: Any) -> str:
            is_wake = message.run_input is None and message.step_id is None
            if is_wake and not died:
                died.append(message.run_id)
                raise ConnectionError("the process is gone")
            return await send(queue_name, message, **options)

        crew.world.queue = die_once
        run = await start(recovery.two_steps)
        assert await crew.result(run) == 3
        assert died == [run.run_id]
        assert {step["attempt"] for step in crew.steps(run)} == {1}


@takes_its_time
async def test_a_crowd_that_was_due_while_no_worker_was_there_completes(
    dsn: str,
) -> None:
    count = crowd(40, 1000)
    async with at_work(dsn, recovery.wf) as crew:
        runs = [await start(recovery.nap, 1) for _ in range(count)]
        waits = "select from workflow_pg.waits"
        await until(lambda: len(crew.session.rows(waits)) == count, seconds=300)
    not_due = (
        "select from workflow_pg.waits where resume_at > workflow_pg_private.clock()"
    )
    async with at_work(dsn) as crew:
        await until(lambda: not crew.session.rows(not_due))
    async with at_work(dsn, recovery.wf) as crew:
        await crew.ended(*runs, seconds=300)
        assert [await run.return_value() for run in runs] == [1] * count
        assert all(crew.replays(run) <= 3 for run in runs)


async def test_a_lost_lease_of_a_replay_corrupts_nothing(dsn: str) -> None:
    """Two workers replay one run at once, as after a pause of one of them."""
    async with at_work(dsn, recovery.wf, recovery.wf) as crew:
        stealing = asyncio.create_task(steal_leases(crew))
        runs = [await start(recovery.two_steps) for _ in range(10)]
        for run in runs:
            assert await crew.result(run) == 3
            assert crew.types(run).count("run_completed") == 1
        stealing.cancel()
        await asyncio.gather(stealing, return_exceptions=True)
        # Undisturbed, it were three for each run.
        assert sum(crew.replays(run) for run in runs) > 3 * len(runs)


async def steal_leases(crew: Crew) -> None:
    """End leases of replays again and again."""
    while True:
        crew.session.do(
            "update workflow_pg_private.messages set lease_until = '-infinity'"
            " where lease_token is not null and kind <> 'step'"
        )
        await asyncio.sleep(0.01)
