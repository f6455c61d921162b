"""`workflow-pg` in a process of its own, as people start it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30.0

Command = Callable[..., str]
"""Runs a command in the process of the test; what it prints when it succeeds."""


def environment(dsn: str | None = None) -> dict[str, str]:
    """The environment of a command; without a database unless one is named."""
    made = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "WORKFLOW_PG_DSN": dsn or "",
    }
    if dsn is None:
        del made["WORKFLOW_PG_DSN"]
    return made


def run_python(
    *arguments: str, cwd: Path, dsn: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python to its end."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment(dsn),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def run_command(
    *arguments: str, cwd: Path, dsn: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `workflow-pg` to its end."""
    return run_python("-m", "workflow_pg.cli", *arguments, cwd=cwd, dsn=dsn)


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a command that ended badly, with nothing beside it."""
    assert done.stdout == ""
    assert done.stderr.startswith("workflow-pg: "), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.removeprefix("workflow-pg: ").strip()


def wait_until(is_so: Callable[[], object]) -> None:
    """Wait for what other processes do; there is nothing to block on."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def children(pid: int) -> list[str]:
    """The processes that a process has started."""
    done = subprocess.run(
        ["ps", "-axo", "ppid=,pid=,comm="], capture_output=True, text=True, check=True
    )
    found = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    # `ps` is one itself.
    return [
        child for parent, child, name in found if parent == str(pid) and name != "ps"
    ]


def is_alive(pid: str) -> bool:
    """Whether there is such a process, other than as a remnant."""
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True, check=False
    )
    return bool(done.stdout.strip()) and not done.stdout.startswith("Z")
