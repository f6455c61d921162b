"""Workers as processes: what they execute, and how they end."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.cli.command import run_command, wait_until
from tests.cli.workers import (
    Hire,
    is_at_the_gate,
    open_gate,
    output,
    start_run,
    workers,
)
from tests.support import Session


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
    wait_until(lambda: "deliveries within 25.0 s" in worker.log.read_text())
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
    # The replay that created the step may still be in hand.
    wait_until(lambda: "finishing " in worker.log.read_text())
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
