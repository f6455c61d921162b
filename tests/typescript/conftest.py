"""Node, and the client of clients/typescript with what it needs.

With WORKFLOW_PG_TEST_POOLER=1 it connects through pgbouncer, as the SDK does there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.locks import alone_in
from tests.sdk.conftest import IS_POOLED
from tests.sdk.conftest import working as working
from tests.sdk.conftest import world as world

if IS_POOLED:
    from tests.sdk.conftest import dsn as dsn
    from tests.sdk.conftest import pooler as pooler

CLIENT = Path(__file__).parents[2] / "clients" / "typescript"
OLDEST = (20, 19)

Run = Callable[..., str]


@pytest.fixture(scope="session")
def node() -> str:
    """The command of a Node that is new enough; without one a test is skipped."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("Node is absent")
    told = subprocess.run([found, "--version"], capture_output=True, check=True).stdout
    version = tuple(int(part) for part in re.findall(rb"\d+", told)[:2])
    if version < OLDEST:
        pytest.skip(f"Node {told.decode().strip()} is older than 20.19")
    return found


@pytest.fixture(scope="session")
def run_node(node: str) -> Run:
    """Runs a program with a database; its output, printed when it fails."""
    install(CLIENT)

    def run(*arguments: str, dsn: str, cwd: Path = CLIENT, **env: str) -> str:
        told = os.environ | {"WORKFLOW_PG_DSN": dsn, "NO_COLOR": "1"} | env
        done = subprocess.run(
            [node, *arguments],
            cwd=cwd,
            env=told,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    return run


def install(package: Path, *options: str) -> None:
    """Have npm install what a package.json asks for, unless it is there."""
    with alone_in(package):
        _install(package, *options)


def _install(package: Path, *options: str) -> None:
    stamp = package / "node_modules" / ".installed"
    wanted = (package / "package.json").read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    done = subprocess.run(
        ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", *options],
        cwd=package,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    stamp.write_text(wanted)
