"""docs/guides/pgbouncer.md: producer and worker behind a PgBouncer."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.cli.command import wait_until
from tests.docs.apps import App
from tests.docs.blocks import GUIDES, README, commands, fenced, programs
from workflow_pg.embedded.account import server_account
from workflow_pg.embedded.running import free_port

PAGE = GUIDES / "pgbouncer.md"
POOLED = "postgresql://shop@127.0.0.1:6432/shop"
DIRECT = "postgresql://shop@127.0.0.1:5432/shop"
SERVER = "host=127.0.0.1 port=5432 dbname=shop"


@pytest.fixture
def pooled(dsn: str) -> Iterator[str]:
    """The address of the pooler, run with the settings of the page."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed")
    to, port = conninfo_to_dict(dsn), free_port()
    (text,) = programs(PAGE).values()
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as name:
        folder = Path(name)
        users = folder / "userlist.txt"
        users.write_text(f'"{to["user"]}" "{to["password"]}"\n')
        for words, ours in (
            (SERVER, f"host={to['host']} port={to['port']} dbname={to['dbname']}"),
            ("listen_port = 6432", f"listen_port = {port}\nunix_socket_dir ="),
            ("/etc/pgbouncer/userlist.txt", str(users)),
        ):
            assert words in text
            text = text.replace(words, ours)
        settings = folder / "pgbouncer.ini"
        settings.write_text(text)
        # It refuses to run as root, and reads its files as whoever it is.
        account = server_account()
        for path in (folder, users, settings):
            os.chown(path, account.uid, account.gid)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [program, str(settings)],
                stdout=log,
                stderr=log,
                user=account.uid if account.is_other else None,
                group=account.gid if account.is_other else None,
            )
        address = make_conninfo(dsn, host="127.0.0.1", port=port, dbname="shop")
        try:
            wait_until(lambda: answers(address))
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)


def answers(address: str) -> bool:
    """Whether the pooler is up."""
    try:
        # Autocommit, so that this sends no statement of its own.
        psycopg.connect(address, autocommit=True).close()
    except psycopg.OperationalError:
        return False
    return True


def test_producer_and_worker_do_what_the_page_says(
    app: App, dsn: str, pooled: str, conn: psycopg.Connection
) -> None:
    (producer,) = fenced(PAGE, "python")
    shop, buy, *_ = fenced(README, "python")
    for address, ours in ((POOLED, pooled), (DIRECT, dsn)):
        assert address in producer
        producer = producer.replace(address, ours)
    _, _, rest = buy.partition('postgresql://...")\n')
    app.write({"shop.py": shop, "buy.py": f"{imports(buy)}{producer}{rest}"})
    (line,) = commands(PAGE)
    words = shlex.split(line.replace(POOLED, "POOLED").replace(DIRECT, "DIRECT"))
    addresses = {"POOLED": pooled, "DIRECT": dsn}
    options = [addresses.get(word, word) for word in words]
    options = options[options.index("shop:wf") + 1 :]
    with app.worker("shop:wf", *options):
        assert app.run("buy.py").endswith("'approved_by': 'nobody'}")
        listening = conn.execute(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and query = 'listen workflow_pg'"
        )
        # Past the pooler, which would not keep it.
        assert listening.fetchone() == (1,)


def imports(program: str) -> str:
    """The lines of a program that import."""
    lines = program.splitlines(keepends=True)
    return "".join(line for line in lines if line.startswith(("import ", "from ")))
