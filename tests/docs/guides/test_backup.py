"""docs/guides/backup.md: a dump is restored, and its runs go on there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from tests.docs.apps import App
from tests.docs.blocks import GUIDES, README, ROOT, fenced
from tests.servers import NoServerError, Server, choose_binaries, execute
from tests.support import assert_no_unwakeable

PAGE = GUIDES / "backup.md"


@pytest.fixture
def restored(server: Server, dsn: str) -> Iterator[str]:
    """The address of the database that the page restores into."""
    name = f"{conninfo_to_dict(dsn)['dbname']}_restored"
    try:
        yield server.dsn(name)
    finally:
        execute(
            server.dsn(), SQL("drop database if exists {} with (force)").format(
                Identifier(name)
            )
        )  # fmt: skip


def test_the_runs_of_a_dump_go_on_where_it_is_restored(
    server: Server, app: App, dsn: str, restored: str, tmp_path: Path
) -> None:
    try:
        binaries = choose_binaries(server.major)
    except NoServerError as error:
        pytest.skip(str(error))
    shop, buy, *_ = fenced(README, "python")
    app.write({"shop.py": shop, "buy.py": buy})
    app.run("-c", START)
    (script,) = fenced(PAGE, "sh")
    name = str(conninfo_to_dict(restored)["dbname"])
    subprocess.run(
        ["sh", "-e", "-c", script.replace("shop_restored", name)],
        cwd=tmp_path,
        env={
            "PATH": f"{binaries.bindir}{os.pathsep}{os.environ['PATH']}",
            "SHOP": dsn,
            "RESTORED": restored,
        },
        check=True,
        timeout=60,
    )
    (ask,) = fenced(PAGE, "sql")
    with psycopg.connect(dsn) as before, psycopg.connect(restored) as after:
        epochs = [each.execute(ask.encode()).fetchone() for each in (before, after)]
    assert epochs[0] != epochs[1]
    copy = App(folder=app.folder, dsn=restored)
    with copy.worker("shop:wf"):
        assert copy.run("-c", WAIT) == "completed"
    assert_no_unwakeable(restored)


START = """
import asyncio
from vercel.workflow import start
from shop import fulfil
from workflow_pg.sdk import use_postgres
use_postgres()
asyncio.run(start(fulfil, "A17", 4200))
"""
WAIT = """
import asyncio, os, psycopg
from vercel.workflow import get_run
from workflow_pg.sdk import use_postgres
use_postgres()
with psycopg.connect(os.environ["WORKFLOW_PG_DSN"]) as conn:
    (run_id,) = conn.execute("select run_id from workflow_pg.runs").fetchone()

async def main():
    await get_run(run_id).return_value()
    print(await get_run(run_id).status())

asyncio.run(main())
"""


def test_the_sentence_is_the_one_of_the_worker() -> None:
    source = (ROOT / "workflow_pg/sdk/worker.py").read_text(encoding="utf-8")
    sentence = "the database was restored or failed over: %s deliveries are dropped"
    assert sentence in source
    assert sentence.replace("%s", "3") in PAGE.read_text(encoding="utf-8")
