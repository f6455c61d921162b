"""`workflow-pg dev` as a process, and the app that it serves."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from tests.cli.command import environment, run_command, wait_until
from workflow_pg.embedded import dev_dsn

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


Developing = Callable[..., "Dev"]


class Dev:
    """`workflow-pg dev` in a process of its own."""

    def __init__(
        self, folder: Path, log: Path, *options: str, is_silent: bool = False
    ) -> None:
        """Start it, and wait until it works, unless it will not."""
        self.log = log
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "workflow_pg.cli", "dev", "shop:wf", *options],
                cwd=folder,
                env=environment(),
                stdout=file,
                stderr=file,
                # As a terminal does, Ctrl-C reaches the whole group.
                start_new_session=True,
            )
        if not is_silent:
            wait_until(self.serves)

    def serves(self) -> bool:
        """Whether all of it is up."""
        assert self.process.poll() is None, self.log.read_text()
        return self.served() > 0

    def served(self) -> int:
        """How often a worker was ready."""
        return self.log.read_text().count(" serves ")

    def worker_processes(self) -> list[str]:
        """The processes that execute runs, where they are of their own."""
        done = subprocess.run(
            ["ps", "-axww", "-o", "ppid=,pid=,args="],
            capture_output=True,
            text=True,
            check=True,
        )
        found = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
        mine = str(self.process.pid)
        return [
            child
            for parent, child, words in found
            if parent == mine and "worker_process" in words
        ]

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send it a signal; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


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
