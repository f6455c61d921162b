"""docs/guides/managed-postgresql.md: everything works for a login without rights."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier

from tests.docs.apps import App
from tests.docs.blocks import GUIDES, README, commands, fenced
from tests.servers import Server, execute

PAGE = GUIDES / "managed-postgresql.md"
PASSWORD = "hunter2"


@pytest.fixture
def owner(server: Server, empty_dsn: str) -> Iterator[str]:
    """A login that owns an empty database, and may do nothing else."""
    dbname = str(conninfo_to_dict(empty_dsn)["dbname"])
    # Roles belong to the server: named as the database, they are of this test alone.
    make = "create role {} login nosuperuser nocreaterole nocreatedb password 'hunter2'"
    execute(server.dsn(), SQL(make).format(Identifier(dbname)))
    own = SQL("alter database {} owner to {}")
    execute(server.dsn(), own.format(Identifier(dbname), Identifier(dbname)))
    try:
        yield make_conninfo(empty_dsn, user=dbname, password=PASSWORD)
    finally:
        execute(empty_dsn, SQL("drop owned by {}").format(Identifier(dbname)))
        back = SQL("alter database {} owner to current_user")
        execute(server.dsn(), back.format(Identifier(dbname)))
        execute(server.dsn(), SQL("drop role {}").format(Identifier(dbname)))


def test_a_login_without_rights_installs_and_executes(
    owner: str, tmp_path: Path
) -> None:
    app = App(folder=tmp_path, dsn=owner)
    shop, buy, *_ = fenced(README, "python")
    app.write({"shop.py": shop, "buy.py": buy})
    said = app.execute(sys.executable, "-m", "workflow_pg.cli", "migrate", "up")
    (sentence,) = [line for line in commands(PAGE) if line.startswith("login ")]
    login = str(conninfo_to_dict(owner)["user"])
    assert sentence.replace("login shop ", f"login {login} ") in said.splitlines()
    with app.worker("shop:wf"):
        assert app.run("buy.py").endswith("'approved_by': 'nobody'}")


def test_it_grants_a_role_that_it_was_given(
    owner: str, empty_dsn: str, tmp_path: Path
) -> None:
    app = App(folder=tmp_path, dsn=owner)
    cli = (sys.executable, "-m", "workflow_pg.cli")
    app.execute(*cli, "migrate", "up")
    login = str(conninfo_to_dict(owner)["user"])
    with psycopg.connect(empty_dsn, autocommit=True) as admin:
        found = admin.execute(
            "select 1 from pg_roles where rolname = 'workflow_client'"
        ).fetchone()
        if found is None:
            admin.execute("create role workflow_client nologin")
        give = SQL("grant workflow_client to {} with admin option")
        admin.execute(give.format(Identifier(login)))
        web = f"{login}_web"
        make = SQL("create role {} login password 'hunter2'")
        admin.execute(make.format(Identifier(web)))
        try:
            (line,) = [line for line in commands(PAGE) if " grant " in line]
            words = [web if word == "web" else word for word in shlex.split(line)[1:]]
            app.execute(*cli, *words)
            reader = App(folder=tmp_path, dsn=make_conninfo(owner, user=web))
            assert reader.execute(*cli, "runs", "list") == "no runs"
        finally:
            admin.execute(SQL("drop role {}").format(Identifier(web)))


def test_the_address_with_tls_is_one() -> None:
    (line,) = [line for line in commands(PAGE) if line.startswith("WORKFLOW_PG_DSN=")]
    (word,) = shlex.split(line)
    read = conninfo_to_dict(word.partition("=")[2])
    assert read["sslmode"] == "verify-full"
    assert read["sslrootcert"]
