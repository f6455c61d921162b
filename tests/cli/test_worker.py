"""Workers as processes: what they execute, and how they end."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.command import ROOT, environment, run_command, wait_until
from tests.support import Session, connect

COMMAND = [sys.executable, "-m", "workflow_pg.cli", "worker", "tests.cli.apps.gates:wf"]

Hire = Callable[..., "Hired"]


class Hired:
    """A worker in a process of its own."""

    def __init__(self, dsn: str, folder: Path, log: Path, *options: str) -> None:
        """Start it."""
        self.log = log
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [*COMMAND, *options],
                cwd=ROOT,
                env={**environment(dsn), "GATES": str(folder)},
                stdout=file,
                stderr=file,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def serves(self) -> bool:
        """Whether it is ready to claim."""
        assert self.process.poll() is None, self.log.read_text()
        return " serves " in self.log.read_text()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


@pytest.fixture
def session(dsn: str) -> Iterator[Session]:
    """A session in the database of the workers."""
    with connect(dsn) as session:
        yield session


@pytest.fixture
def hire(dsn: str, tmp_path: Path) -> Iterator[Hire]:
    """Start workers; none outlives the test, and none ends with a traceback."""
    hired: list[Hired] = []

    def start(*options: str) -> Hired:
        log = tmp_path / f"worker-{len(hired)}.log"
        hired.append(Hired(dsn, tmp_path, log, *options))
        wait_until(hired[-1].serves)
        return hired[-1]

    yield start
    for worker in hired:
        worker.process.kill()
        worker.process.wait()
        assert "Traceback" not in worker.log.read_text(), worker.log.read_text()


def start_run(session: Session, workflow: str, argument: str) -> str:
    """Start a run; its id."""
    return session.value(
        "select run_id from workflow_pg.create_run(p_run_id => null,"
        " p_workflow_name => %s, p_codec => 'json',"
        " p_input => convert_to(jsonb_build_array(%s::text)::text, 'UTF8'))",
        f"workflow//tests.cli.apps.gates//{workflow}",
        argument,
    )


def output(session: Session, run_id: str) -> str | None:
    """What a run returned, as JSON; None before."""
    return session.value(
        "select convert_from(output, 'UTF8') from workflow_pg.get_run(%s)", run_id
    )


def workers(session: Session) -> int:
    """How many workers are announced."""
    return session.value("select count(*) from workflow_pg_private.workers")


def is_at_the_gate(folder: Path, worker: Hired) -> bool:
    """Whether a worker is inside the step."""
    return (folder / f"gate.{worker.pid}").exists()


def open_gate(folder: Path) -> None:
    """Let the step pass, and all that come later."""
    (folder / "gate.open").touch()


def test_it_executes_runs_and_is_announced_while_it_lives(
    hire: Hire, session: Session
) -> None:
    assert workers(session) == 0
    worker = hire("--concurrency", "1")
    assert workers(session) == 1
    run_id = start_run(session, "hello", "you")
    wait_until(lambda: output(session, run_id) == '"hello you"')
    assert worker.end() == 0
    assert workers(session) == 0


def test_a_stopped_worker_finishes_the_step_in_its_hands(
    hire: Hire, session: Session, tmp_path: Path
) -> None:
    run_id = start_run(session, "gated", "gate")
    worker = hire("--grace", "25")
    wait_until(lambda: is_at_the_gate(tmp_path, worker))
    worker.process.send_signal(signal.SIGTERM)
    wait_until(lambda: "finishing 1 deliveries within 25.0 s" in worker.log.read_text())
    open_gate(tmp_path)
    assert worker.process.wait(timeout=30) == 0
    assert session.rows("select status::text, attempt from workflow_pg.steps") == [
        {"status": "completed", "attempt": 1}
    ]
    hire()
    wait_until(lambda: output(session, run_id) == f'"passed by {worker.pid}"')


def test_without_grace_it_gives_the_step_back_and_another_takes_it_at_once(
    hire: Hire, session: Session, tmp_path: Path
) -> None:
    run_id = start_run(session, "gated", "gate")
    first = hire("--grace", "0")
    wait_until(lambda: is_at_the_gate(tmp_path, first))
    lease_until = session.value(
        "select lease_until from workflow_pg_private.messages where kind = 'step'"
    )
    assert first.end() == 0
    assert session.rows(
        "select attempt, lease_until from workflow_pg_private.messages"
        " where kind = 'step'"
    ) == [{"attempt": 0, "lease_until": None}]

    second = hire()
    wait_until(lambda: is_at_the_gate(tmp_path, second))
    assert session.now() < lease_until
    open_gate(tmp_path)
    wait_until(lambda: output(session, run_id) == f'"passed by {second.pid}"')


def test_the_second_ctrl_c_ends_the_grace(
    hire: Hire, session: Session, tmp_path: Path
) -> None:
    start_run(session, "gated", "gate")
    worker = hire("--grace", "600")
    wait_until(lambda: is_at_the_gate(tmp_path, worker))
    worker.process.send_signal(signal.SIGINT)
    wait_until(lambda: "finishing 1 deliveries" in worker.log.read_text())
    assert worker.end(signal.SIGINT) == 130
    assert workers(session) == 0
    # Given back, not left to the end of its lease.
    assert session.rows(
        "select attempt, lease_until from workflow_pg_private.messages"
        " where kind = 'step'"
    ) == [{"attempt": 0, "lease_until": None}]


def test_the_step_of_a_killed_worker_is_taken_when_its_lease_ends(
    hire: Hire, session: Session, tmp_path: Path
) -> None:
    run_id = start_run(session, "gated", "gate")
    first = hire()
    wait_until(lambda: is_at_the_gate(tmp_path, first))
    first.end(signal.SIGKILL)
    lease_until = session.value(
        "select lease_until from workflow_pg_private.messages where kind = 'step'"
    )
    second = hire()
    assert workers(session) == 2
    open_gate(tmp_path)
    wait_until(lambda: output(session, run_id) == f'"passed by {second.pid}"')
    restarted = session.value(
        "select max(created_at) from workflow_pg.events"
        " where event_type = 'step_started'"
    )
    assert lease_until <= restarted
    assert session.value("select attempt from workflow_pg.steps") == 2


def test_a_worker_of_another_deployment_leaves_a_run_alone(
    hire: Hire, session: Session, dsn: str, tmp_path: Path
) -> None:
    run_id = start_run(session, "hello", "you")
    other = hire("--deployment", "blue")
    # It has claimed once when it has asked for notifications.
    wait_until(lambda: session.value("select is_idle from workflow_pg_private.workers"))
    assert session.types(run_id) == ["run_created"]
    shown = run_command("runs", "show", run_id, cwd=tmp_path, dsn=dsn)
    assert (
        "unserved: no live worker serves workflow//tests.cli.apps.gates//hello"
        " in deployment default\n"
    ) in shown.stdout
    assert other.end() == 0

    hire("--deployment", "*")
    wait_until(lambda: output(session, run_id) == '"hello you"')


def test_a_worker_that_loses_all_its_connections_goes_on(
    hire: Hire, session: Session
) -> None:
    worker = hire()
    session.do(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    run_id = start_run(session, "hello", "again")
    wait_until(lambda: output(session, run_id) == '"hello again"')
    assert worker.end() == 0
