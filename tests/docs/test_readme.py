"""Everything in README.md that can run does run, as it stands there."""

from __future__ import annotations

import json
import re
import shlex
import time
import tomllib
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.docs.apps import App
from tests.docs.blocks import README, ROOT, commands, fenced
from tests.docs.web import CALL
from tests.servers import Server
from workflow_pg.cli import main
from workflow_pg.embedded import destroy_dev

PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]
RESULT = {"receipt": "receipt-A17-4200", "approved_by": "nobody"}

CLIENT = """
import asyncio
from api import app
from web import call as call_app

async def call(*request, expected=200):
    status, answer = await call_app(app, *request)
    assert status == expected, answer
    return answer

async def create():
    return (await call("POST", "/orders/A17", "cents=4200"))["run"]

async def produce():
    run = await create()
    print(run, await call("GET", f"/runs/{run}"))
    await call("POST", "/orders/B4/approval", "by=Grace", expected=404)
    await call("GET", "/runs/wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV", expected=404)

async def approve():
    run = await create()
    approval = ("POST", "/orders/A17/approval", "by=Grace")
    while (await call_app(app, *approval))[0] == 404:
        await asyncio.sleep(0.1)
    while await call("GET", f"/runs/{run}") != "completed":
        await asyncio.sleep(0.1)
"""


NAMES = ("shop.py", "buy.py", "api.py", "order.py", "test_shop.py")
PROGRAMS: dict[str, str] = dict(zip(NAMES, fenced(README, "python"), strict=True))


@pytest.fixture
def shop(app: App) -> App:
    """The programs of the page, under the names that it gives them."""
    app.write({**PROGRAMS, "client.py": CLIENT, "web.py": CALL})
    return app


def statements(block: str) -> list[str]:
    r"""The statements of a psql block: they end with a semicolon or with \gset."""
    parts = re.split(r";|\\gset", block)
    return [part.strip() for part in parts if part.strip()]


def test_the_app(shop: App) -> None:
    with shop.worker("shop:wf"):
        run_id, _, result = shop.run("buy.py").partition(" ")
    assert re.fullmatch(r"wrun_\w{26}", run_id)
    assert result == str(RESULT)
    files = {*NAMES, "client.py", "web.py", "worker.log"}
    assert {path.name for path in shop.folder.iterdir()} == files


def test_the_test_of_the_app(
    shop: App, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKFLOW_PG_TEST_DSN", server.dsn())
    told = shop.run("-m", "pytest", "-q", "-p", "no:asyncio", "-p", "no:cacheprovider")
    assert told.splitlines()[-1].startswith("1 passed")


@pytest.mark.one_major
def test_the_development_server(tmp_path: Path) -> None:
    app = App(folder=tmp_path, dsn=None)
    app.write(PROGRAMS)
    try:
        with app.worker("shop:wf", command="dev"):
            told = app.run("buy.py")
    finally:
        destroy_dev(tmp_path)
    assert told.endswith(str(RESULT))


def test_the_web_server_only_produces(shop: App, conn: psycopg.Connection) -> None:
    pytest.importorskip("fastapi", reason="fastapi is not installed")
    before = set(shop.folder.iterdir())
    told = shop.run("-c", "import asyncio, client; asyncio.run(client.produce())")
    assert told.endswith(" pending")
    assert set(shop.folder.iterdir()) == before
    workers = conn.execute("select count(*) from workflow_pg_private.workers")
    assert workers.fetchone() == (0,)


def test_the_web_server_resumes_a_hook(shop: App, conn: psycopg.Connection) -> None:
    pytest.importorskip("fastapi", reason="fastapi is not installed")
    with shop.worker("shop:wf"):
        shop.run("-c", "import asyncio, client; asyncio.run(client.approve())")
    received = conn.execute(
        "select count(*) from workflow_pg.events where event_type = 'hook_received'"
    )
    assert received.fetchone() == (1,)


ORDER = """
import asyncio, os, psycopg
from order import order
from workflow_pg.sdk import use_postgres

use_postgres()

async def main():
    dsn = os.environ["WORKFLOW_PG_DSN"]
    for _ in range(2):
        async with await psycopg.AsyncConnection.connect(dsn) as conn:
            print(await order(conn, "A17", 4200))

asyncio.run(main())
"""


def test_an_order_is_started_once_and_in_its_transaction(
    shop: App, conn: psycopg.Connection
) -> None:
    conn.execute("create table orders (number text, cents integer)")
    first, again = shop.run("-c", ORDER).split()
    assert first == again
    runs = conn.execute("select run_id from workflow_pg.runs").fetchall()
    assert runs == [(first,)]


def test_a_python_workflow_is_started_from_psql(shop: App, dsn: str) -> None:
    (block,) = fenced(README, "sql")
    create, read = statements(block)
    with (
        psycopg.Connection[dict[str, Any]].connect(
            dsn, autocommit=True, row_factory=dict_row
        ) as conn,
        shop.worker("shop:wf"),
    ):
        run = one(conn, create)
        read = read.replace(":'run_id'", f"'{run['run_id']}'")
        deadline = time.monotonic() + 30
        while (found := one(conn, read))["status"] != "completed":
            assert found["status"] in {"pending", "running"}
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert json.loads(found["output"]) == RESULT


def one(conn: psycopg.Connection[dict[str, Any]], statement: str) -> dict[str, Any]:
    """The one row of a statement of the page."""
    (row,) = conn.execute(statement.encode()).fetchall()
    return row


def test_every_make_target_is_there() -> None:
    named = [line.split()[1] for line in commands(README) if line.startswith("make ")]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_extra_is_there() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = [line for page in PAGES for line in commands(page) if "pip " in line]
    assert len(lines) > 4
    for line in lines:
        # No index has it before the first release.
        assert line.startswith("pip install './workflow-pg["), line
        extras = re.findall(r"[\[,](\w+)", line)
        assert set(extras) <= settings["project"]["optional-dependencies"].keys()


RUN = "wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV"
COMMANDS = [line for line in commands(README) if line.startswith("workflow-pg ")]


def test_every_line_is_of_a_kind_that_is_tested() -> None:
    kinds = {line.split()[0] for line in commands(README)}
    assert kinds == {"make", "pip", "workflow-pg"}


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_has_these_words(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, *words = shlex.split(line.replace("RUN", RUN))
    assert main([*words, "--help"]) == 0
    assert capsys.readouterr().out.startswith("usage: workflow-pg ")
    assert main([*words, "--no-such-option"]) == 2
    complaint = capsys.readouterr().err
    assert complaint.endswith("unrecognized arguments: --no-such-option\n")


def prepare(conn: psycopg.Connection, run_id: str, line: str) -> None:
    """Bring a run, which is pending, to where a command can do what it says."""
    conn.execute(
        "select from workflow_pg.create_hook(%s, 'hook_1', 'approve-A17', null)",
        [run_id],
    )
    conn.execute(
        "select from workflow_pg.heartbeat_worker('w', '{workflow//shop//fulfil}')"
    )
    if re.search(r" (retry|purge|delete) ", line):
        conn.execute("select from workflow_pg.cancel_run(%s)", [run_id])
    if " requeue " in line:
        # It has come before its run, and was given up.
        conn.execute(
            "select from workflow_pg.send_message('a run', 'custom', 'MESSAGE',"
            " '__wkf_workflow_workflow//shop//fulfil', null, '')"
        )
        conn.execute(
            "select from workflow_pg.claim_messages('w', '{workflow//shop//fulfil}',"
            " p_limit => 10) as m,"
            " workflow_pg.bury_message(m.run_id, m.message_id, m.lease_token, 'why')"
            " where m.run_id = 'a run'"
        )


@pytest.mark.parametrize(
    "line",
    [
        line
        for line in COMMANDS
        if not re.search(r" (worker|dev|grant|tail|import) ", line)
    ],
)
def test_a_command_does_what_it_says(
    line: str,
    dsn: str,
    conn: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (run_id,) = conn.execute(
        "select run_id from workflow_pg.create_run(null, 'workflow//shop//fulfil', '')"
    ).fetchall()[0]
    prepare(conn, run_id, line)
    monkeypatch.setenv("WORKFLOW_PG_DSN", dsn)
    _, *words = shlex.split(line.replace("RUN", run_id))
    # The server of the tests keeps nothing through a crash, and `doctor` says so.
    assert main(words) in ({0, 1} if line.endswith(" doctor") else {0})
    printed = capsys.readouterr()
    assert printed.out
    assert printed.err == ""
