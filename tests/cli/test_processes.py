"""`worker --processes N`: what one process of several does for the others."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.command import (
    children,
    is_alive,
    run_command,
    wait_until,
)
from tests.cli.workers import (
    Hire,
    Hired,
    open_gate,
    output,
    pids_at_the_gate,
    start_run,
    workers,
)
from tests.sdk.waiting import until
from tests.servers import NoServerError, choose_binaries, wanted_major
from tests.support import Session, connect
from workflow_pg.cli import processes
from workflow_pg.cli.working import WorkerOptions
from workflow_pg.embedded import EmbeddedServer
from workflow_pg.migrate import up


def worker_processes(worker: Hired) -> list[str]:
    """The process ids under a worker command, in the order of their start."""
    return sorted(children(worker.pid), key=int)


def assert_nobody_is_left(pids: list[str]) -> None:
    """None of the processes is there any more."""
    assert not any(map(is_alive, pids))


def test_processes_share_the_work_and_end_with_whoever_started_them(
    hire: Hire, session: Session, tmp_path: Path
) -> None:
    before = children(os.getpid())
    worker = hire("--processes", "2", "--concurrency", "1")
    pids = worker_processes(worker)
    assert len(pids) == workers(session) == 2
    runs = [start_run(session, "gated", "gate") for _ in range(2)]
    wait_until(lambda: pids_at_the_gate(tmp_path) == set(pids))
    open_gate(tmp_path)
    wait_until(lambda: all(output(session, run_id) for run_id in runs))
    assert {output(session, run_id) for run_id in runs} == {
        f'"passed by {pid}"' for pid in pids
    }
    assert worker.end() == 0
    assert workers(session) == 0
    assert_nobody_is_left(pids)
    assert children(os.getpid()) == before


def test_a_process_that_dies_is_replaced_and_its_runs_go_on(
    hire: Hire, session: Session, tmp_path: Path
) -> None:
    worker = hire("--processes", "2")
    pids = worker_processes(worker)
    run_id = start_run(session, "gated", "gate")
    wait_until(lambda: pids_at_the_gate(tmp_path))
    (victim,) = pids_at_the_gate(tmp_path)
    os.kill(int(victim), signal.SIGKILL)
    wait_until(lambda: worker.log.read_text().count(" serves ") == 3)
    now = worker_processes(worker)
    assert len(now) == 2
    assert victim not in now
    assert "ended by SIGKILL: another one starts in 0.5 s" in worker.log.read_text()
    open_gate(tmp_path)
    wait_until(lambda: output(session, run_id))
    assert worker.end() == 0
    assert_nobody_is_left(pids + now)


def test_a_stop_lets_them_finish_what_they_have_and_ctrl_c_reaches_them_once(
    hire: Hire, session: Session, tmp_path: Path
) -> None:
    run_id = start_run(session, "gated", "gate")
    worker = hire("--processes", "2", "--grace", "25")
    pids = worker_processes(worker)
    wait_until(lambda: pids_at_the_gate(tmp_path))
    # As from a terminal: to everybody in the group.
    os.killpg(worker.pid, signal.SIGINT)
    wait_until(lambda: "deliveries within 25.0 s" in worker.log.read_text())
    open_gate(tmp_path)
    assert worker.process.wait(timeout=30) == 0
    assert_nobody_is_left(pids)
    assert session.rows("select status::text, attempt from workflow_pg.steps") == [
        {"status": "completed", "attempt": 1}
    ]
    assert output(session, run_id) is None


def test_a_second_stop_ends_the_grace(
    hire: Hire, session: Session, tmp_path: Path
) -> None:
    start_run(session, "gated", "gate")
    worker = hire("--processes", "2", "--grace", "600")
    pids = worker_processes(worker)
    wait_until(lambda: pids_at_the_gate(tmp_path))
    worker.process.send_signal(signal.SIGTERM)
    wait_until(lambda: "finishing " in worker.log.read_text())
    # The worst: the process that was idle has ended with 0.
    assert worker.end() == 130
    assert workers(session) == 0
    assert_nobody_is_left(pids)
    assert session.rows(
        "select attempt, lease_until from workflow_pg_private.messages"
        " where kind = 'step'"
    ) == [{"attempt": 0, "lease_until": None}]


def test_they_finish_and_go_when_whoever_started_them_is_killed(
    hire: Hire, session: Session, tmp_path: Path
) -> None:
    start_run(session, "gated", "gate")
    worker = hire("--processes", "2")
    pids = worker_processes(worker)
    wait_until(lambda: pids_at_the_gate(tmp_path))
    (busy,) = pids_at_the_gate(tmp_path)
    assert worker.end(signal.SIGKILL) == -signal.SIGKILL
    wait_until(lambda: [pid for pid in pids if is_alive(pid)] == [busy])
    open_gate(tmp_path)
    wait_until(lambda: not is_alive(busy))
    assert workers(session) == 0
    assert session.value("select status::text from workflow_pg.steps") == "completed"


@pytest.mark.one_major
def test_one_that_cannot_listen_is_killed_after_the_grace(
    hire: Hire, session: Session, tmp_path: Path
) -> None:
    start_run(session, "blocked", "gate")
    worker = hire("--processes", "2", "--grace", "0")
    pids = worker_processes(worker)
    wait_until(lambda: pids_at_the_gate(tmp_path))
    assert worker.end() == 128 + signal.SIGKILL
    assert "does not end: killing it" in worker.log.read_text()
    assert_nobody_is_left(pids)


@pytest.mark.one_major
def test_one_that_cannot_listen_does_not_outlive_whoever_started_it(
    hire: Hire, session: Session, tmp_path: Path
) -> None:
    start_run(session, "blocked", "gate")
    worker = hire("--processes", "2", "--grace", "0")
    pids = worker_processes(worker)
    wait_until(lambda: pids_at_the_gate(tmp_path))
    worker.end(signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, pids)))


@pytest.mark.one_major
def test_an_app_that_cannot_be_imported_is_given_up(tmp_path: Path, dsn: str) -> None:
    (tmp_path / "broken.py").write_text("import nonesuch\n")
    before = children(os.getpid())
    done = run_command(
        *("worker", "broken:wf", "--processes", "2"), cwd=tmp_path, dsn=dsn
    )
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last.startswith("workflow-pg: Worker process ")
    assert "ended 5 times in a row" in last
    assert "with exit code 2" in last
    assert "No module named 'nonesuch'" in done.stderr
    pauses = [f"another one starts in {n} s" for n in ("0.5", "1.0", "2.0", "4.0")]
    assert all(pause in done.stderr for pause in pauses)
    assert "Traceback" not in done.stderr
    assert children(os.getpid()) == before


@pytest.mark.one_major
async def test_a_server_that_goes_away_later_is_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        binaries = choose_binaries(wanted_major())
    except NoServerError as error:
        pytest.skip(str(error))
    # The second death in a row would end the command.
    monkeypatch.setattr(processes, "MOST_DEATHS", 2)
    monkeypatch.setenv("GATES", str(tmp_path))
    caplog.set_level("INFO", "workflow_pg")

    def told(words: str) -> int:
        return sum(words in message for message in caplog.messages)

    with EmbeddedServer(binaries=binaries) as server:
        dsn = server.dsn()
        up(dsn)
        before = children(os.getpid())
        running = asyncio.create_task(processes.Processes(options(dsn), count=2).run())
        with connect(dsn) as session:
            await until(lambda: workers(session) == 2, seconds=30)
        pids = set(children(os.getpid())) - set(before)
        victim = min(pids, key=int)
        await asyncio.to_thread(server.stop, immediate=True)
        os.kill(int(victim), signal.SIGKILL)
        ended = "ended with exit code 5: another one starts in "
        await until(lambda: told(ended) == 3 or running.done(), seconds=60)
        assert not running.done(), caplog.messages
        # The other one is still there, and has waited as well.
        assert pids - {victim} <= set(children(os.getpid()))
        await asyncio.to_thread(server.start)
        with connect(dsn) as session:
            query = "select count(*) from workflow_pg_private.workers"
            await until(lambda: session.value(query) == 3, seconds=30)
        os.kill(os.getpid(), signal.SIGTERM)
        assert await running == 0


def options(dsn: str) -> WorkerOptions:
    """Those of a worker of the gates."""
    return WorkerOptions(
        app="tests.cli.apps.gates:wf",
        dsn=dsn,
        listen_dsn=None,
        keys=None,
        concurrency=1,
        deployment="default",
        grace=20,
        max_deliveries=64,
        log_format=None,
        log_level=None,
    )


def test_a_wrong_name_costs_no_process(tmp_path: Path, dsn: str) -> None:
    done = run_command(
        *("worker", "nonesuch:wf", "--processes", "2"), cwd=tmp_path, dsn=dsn
    )
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1


def test_a_key_file_that_cannot_be_read_costs_no_process(
    tmp_path: Path, dsn: str
) -> None:
    (tmp_path / "app.py").touch()
    done = run_command(
        *("worker", "app:wf", "--processes", "2", "--keys", "nonesuch"),
        cwd=tmp_path,
        dsn=dsn,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "nonesuch" in done.stderr


def test_the_password_is_in_no_list_of_processes(hire: Hire) -> None:
    worker = hire("--processes", "2")
    for pid in worker_processes(worker):
        shown = subprocess.run(
            ["ps", "-ww", "-o", "args=", "-p", pid],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "tests.cli.apps.gates:wf" in shown.stdout
        assert "password" not in shown.stdout
    assert worker.end() == 0
