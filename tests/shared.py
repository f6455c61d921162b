"""The fixture `db`: a database that many small tests share, emptied for each.

A plugin: the `conftest.py` of a directory loads it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from psycopg.sql import SQL, Composed, Identifier

from tests.servers import Server, execute
from tests.support import Session, clock_body, connect, set_clock, tables


@pytest.fixture(scope="session")
def shared_session(server: Server, template: str) -> Iterator[Session]:
    """A session with one database that all tests of this kind share.

    A database for each of some thousand cells would take minutes; `db` empties this.
    """
    name = f"workflow_pg_{os.getpid()}_shared"
    create = SQL("create database {} template {} strategy file_copy")
    execute(server.dsn(), create.format(Identifier(name), Identifier(template)))
    try:
        with connect(server.dsn(name)) as session:
            yield session
    finally:
        drop = SQL("drop database {} with (force)")
        execute(server.dsn(), drop.format(Identifier(name)))


@pytest.fixture(scope="session")
def wipe(shared_session: Session) -> Composed:
    """Statements that empty the shared database."""
    return SQL("; ").join(
        SQL("delete from {}").format(table) for table in tables(shared_session)
    )


@pytest.fixture
def db(shared_session: Session, wipe: Composed) -> Iterator[Session]:
    """A session as superuser with an empty database whose clock is right."""
    shared_session.conn.execute(wipe)
    clock = clock_body(shared_session)
    yield shared_session
    if clock_body(shared_session) != clock:
        set_clock(shared_session, clock)
