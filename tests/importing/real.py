"""Databases of the TypeScript ``@workflow/world-postgres``, made by it.

Where Node and its registry are there, its published versions are installed in a cache
directory beside the checkout and driven through their storage API. Everywhere else a
small dump that was made so stands for them:

    python -m tests.importing.real VERSION DSN      (writes the dump anew)
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.locks import alone_in

HERE = Path(__file__).parent
DUMPS = HERE / "dumps"

# 5.0.0-beta.29 was published before what it depends on: the next versions of that.
VERSIONS: dict[str, dict[str, str]] = {
    "4.1.0-beta.15": {},
    "4.3.7": {},
    "5.0.0-beta.29": {
        "@workflow/errors": "5.0.0-beta.15",
        "@workflow/utils": "5.0.0-beta.8",
        "@workflow/world": "5.0.0-beta.24",
        "@workflow/world-local": "5.0.0-beta.33",
    },
}
LEGACY = "4.1.0-beta.15"
_NAME = "@workflow/world-postgres"

Seen = dict[str, Any]


def package(version: str) -> Path:
    """The directory where a version is installed; skips where that cannot be."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip(f"Node is not there to make a database of {_NAME} {version}")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    directory = cache / "workflow-pg-tests" / f"world-postgres-{version}"
    with alone_in(directory):
        _install(version, directory)
    return directory


def _install(version: str, directory: Path) -> None:
    stamp = directory / "node_modules" / ".installed"
    if not stamp.exists():
        directory.mkdir(parents=True, exist_ok=True)
        wanted = {
            "name": "foreign",
            "version": "1.0.0",
            "private": True,
            "dependencies": {_NAME: version},
            "overrides": VERSIONS[version],
        }
        (directory / "package.json").write_text(json.dumps(wanted))
        done = _run(directory, "npm", "install", "--ignore-scripts", "--no-audit")
        if done.returncode != 0:
            pytest.skip(
                f"{_NAME} {version} cannot be installed: is npm's registry there?"
            )
        stamp.touch()
    for script in HERE.glob("*.mjs"):
        copy = directory / script.name
        # Another process may be running it.
        if not copy.exists() or copy.read_bytes() != script.read_bytes():
            shutil.copy(script, copy)


def make(version: str, dsn: str, count: int = 10) -> list[Seen]:
    """A database of a version with `count` runs; what the package has read there.

    The oldest is brought up to the next, which is what its users had to do.
    """
    migrate(version, dsn)
    if version != LEGACY:
        return fill(version, dsn, "fill.mjs", count)
    seen = fill(version, dsn, "fill-legacy.mjs")
    migrate("4.3.7", dsn)
    return seen


def migrate(version: str, dsn: str) -> None:
    """Install the tables of a version, or bring older ones up to it."""
    setup = f"node_modules/{_NAME}/bin/setup.js"
    done = _run(package(version), "node", setup, WORKFLOW_POSTGRES_URL=url(dsn))
    assert done.returncode == 0, done.stderr


def fill(version: str, dsn: str, script: str, *arguments: object) -> list[Seen]:
    """Run a script that fills the database; what it has read there afterwards."""
    done = _run(package(version), "node", script, url(dsn), *map(str, arguments))
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def load(version: str, dsn: str) -> list[Seen]:
    """Load the dump of a version; what its package had read there."""
    with psycopg.connect(dsn) as connection:
        text = gzip.decompress((DUMPS / f"{version}.sql.gz").read_bytes())
        connection.execute(text)
    lines = gzip.decompress((DUMPS / f"{version}.jsonl.gz").read_bytes())
    return [json.loads(line) for line in lines.splitlines()]


def url(dsn: str) -> str:
    """The address of a database as Node's driver reads it."""
    told = {
        key: quote(str(value), safe="") for key, value in conninfo_to_dict(dsn).items()
    }
    login = told["user"] + (f":{told['password']}" if told.get("password") else "")
    return f"postgres://{login}@{told['host']}:{told['port']}/{told['dbname']}"


def _run(
    directory: Path, *command: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=directory,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def _record(version: str, dsn: str) -> None:
    seen = make(version, dsn)
    options = ("--no-owner", "--no-acl", "--inserts", "--rows-per-insert=100")
    dumped = subprocess.run(
        ("pg_dump", *options, "-n", "workflow", f"--dbname={dsn}"),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    # psql's own, and what a server of another version may not know.
    lines = [
        line
        for line in dumped.splitlines()
        if line and not line.startswith(("--", "\\", "SET ", "SELECT pg_catalog"))
    ]
    DUMPS.mkdir(exist_ok=True)
    expected = "\n".join(json.dumps(one) for one in seen)
    for name, text in (("sql", "\n".join(lines)), ("jsonl", expected)):
        packed = gzip.compress(f"{text}\n".encode(), mtime=0)
        (DUMPS / f"{version}.{name}.gz").write_bytes(packed)


if __name__ == "__main__":
    _record(*sys.argv[1:])
