"""docs/sql-quickstart.md, block by block, as a reader would type it into two psqls."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from tests.docs.blocks import ROOT, commands
from tests.psql import find_psql
from workflow_pg.cli import main

PAGE = ROOT / "docs/sql-quickstart.md"
LOGINS = ("shop", "engine")
_END = "-- end of the block --"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of SQL: who types it, and the tables that it prints in the end."""

    login: str
    sql: str
    tables: list[str]


def blocks() -> Iterator[Block]:
    """The blocks of the page; a heading, or `As LOGIN`, says whose they are."""
    login = ""
    text = PAGE.read_text(encoding="utf-8")
    pattern = r"^As `(\w+)`|^```sql\n(.*?)^```\n+(?:```text\n(.*?)^```)?"
    for found in re.finditer(pattern, text, re.MULTILINE | re.DOTALL):
        if found[1]:
            login = found[1]
        else:
            tables = (found[3] or "").strip("\n").split("\n\n")
            yield Block(login=login, sql=found[2], tables=[t for t in tables if t])


@dataclass(frozen=True, slots=True)
class Psql:
    """A psql that stays, so that it keeps its variables."""

    process: subprocess.Popen[str]

    def run(self, text: str) -> str:
        """What it prints; it ends, and this fails, at the first error."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{text}\n\\echo '{_END}'\n")
        self.process.stdin.flush()
        lines: list[str] = []
        for line in self.process.stdout:
            if line.strip() == _END:
                return "\n".join(lines)
            lines.append(line.rstrip())
        raise AssertionError("\n".join(lines))


@contextmanager
def psql(dsn: str) -> Generator[Psql]:
    """A psql, until the end of the block."""
    command = [find_psql(), "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--dbname", dsn]
    with subprocess.Popen(
        [*command, "--pset=footer=off"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Psql(process)
        finally:
            process.kill()


@pytest.fixture
def logins(dsn: str) -> Iterator[dict[str, str]]:
    """The address of each login of the page, granted as the page says."""
    names = {login: f"{login}_{os.getpid()}" for login in LOGINS}
    with psycopg.connect(dsn, autocommit=True) as admin:
        for name in names.values():
            create = SQL("create role {} login password 'hunter2'")
            admin.execute(create.format(Identifier(name)))
        try:
            for line in commands(PAGE):
                _, *words = [names.get(word, word) for word in line.split()]
                assert main([*words, "--dsn", dsn]) == 0
            yield {
                login: make_conninfo(dsn, user=name, password="hunter2")
                for login, name in names.items()
            }
        finally:
            for name in names.values():
                admin.execute(SQL("drop role {}").format(Identifier(name)))


def test_the_page_runs_from_its_first_block_to_its_last(
    logins: dict[str, str], conn: psycopg.Connection
) -> None:
    with psql(logins["shop"]) as shop, psql(logins["engine"]) as engine:
        sessions = {"shop": shop, "engine": engine}
        for block in blocks():
            printed = sessions[block.login].run(block.sql)
            for table in block.tables:
                assert table in printed
                printed = printed.partition(table)[2]
    log = conn.execute(
        "select event_type::text from workflow_pg.events order by seq"
    ).fetchall()
    assert [name for (name,) in log] == [
        *("run_created", "run_started", "step_created", "step_started"),
        *("step_completed", "wait_created", "wait_completed", "hook_created"),
        *("hook_received", "run_completed"),
    ]
    left = conn.execute("select count(*) from workflow_pg_private.messages").fetchone()
    assert left == (0,)


def test_each_login_has_its_blocks() -> None:
    assert {block.login for block in blocks()} == set(LOGINS)
