"""What the tests of the migrator share: a set of files, a login, another session."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from tests.migrate.trees import Tree, small_tree
from tests.servers import Server, execute

_numbers = itertools.count(1)

MakeLogin = Callable[..., str]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """The small set of files."""
    return small_tree(tmp_path / "tree")


@pytest.fixture
def session(empty_dsn: str) -> Iterator[psycopg.Connection]:
    """A session beside the migrator, in transactions."""
    with psycopg.connect(empty_dsn) as connection:
        yield connection


@pytest.fixture
def second_empty_dsn(server: Server) -> Iterator[str]:
    """The address of one more database with nothing in it."""
    name = f"workflow_pg_second_{os.getpid()}_{next(_numbers)}"
    create = SQL("create database {} template template0")
    execute(server.dsn(), create.format(Identifier(name)))
    try:
        yield server.dsn(name)
    finally:
        drop = SQL("drop database {} with (force)")
        execute(server.dsn(), drop.format(Identifier(name)))


@pytest.fixture
def make_login() -> Iterator[MakeLogin]:
    """Create a login of a database; returns its address with its password."""
    made: list[tuple[str, str]] = []

    def make(dsn: str, *, rights: str = "") -> str:
        name = f"login_{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(dsn, autocommit=True) as connection:
            database = connection.info.dbname
            identifiers = {"name": Identifier(name), "database": Identifier(database)}
            for statement in (
                SQL("create role {name} login password 'hunter2'"),
                SQL("grant create on database {database} to {name}"),
            ):
                connection.execute(statement.format(**identifiers))
            if rights == "createrole":
                connection.execute(
                    SQL("alter role {name} createrole").format(**identifiers)
                )
        made.append((dsn, name))
        return make_conninfo(dsn, user=name, password="hunter2")

    yield make
    for dsn, name in made:
        with psycopg.connect(dsn, autocommit=True) as connection:
            for template in ("drop owned by {} cascade", "drop role {}"):
                connection.execute(SQL(template).format(Identifier(name)))
