"""Migrators beside each other and beside traffic, with real sessions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
import pytest

from tests.migrate.catalog import catalog_text, rows
from tests.migrate.trees import Tree
from workflow_pg.migrate import (
    BadDsn,
    DatabaseUnreachable,
    MigrationFailed,
    Patience,
    status,
    up,
)

# Long enough that only what a test does can end a wait.
_CALM = Patience(lock_timeout_ms=60_000)
_HASTY = Patience(lock_timeout_ms=50, attempts=100, first_pause_seconds=0.01)

_STATE = "select migration, state from workflow_pg_private.installation"


class _Migrator:
    """An `up` in a thread, and the lines it said so far."""

    def __init__(self, pool: ThreadPoolExecutor, dsn: str, tree: Tree) -> None:
        self.lines: list[str] = []
        self._waits = threading.Event()
        self._done: Future[None] = pool.submit(
            up, dsn, files=tree.files, on_line=self._take, patience=_CALM
        )

    def _take(self, line: str) -> None:
        self.lines.append(line)
        if line.startswith("another migration"):
            self._waits.set()

    def wait_for_the_other(self) -> None:
        assert self._waits.wait(30), self.lines

    def end(self) -> list[str]:
        self._done.result(60)
        return self.lines


def _wait_until(is_so: Callable[[], bool]) -> None:
    """Ask the server until it is so; each question takes the time of a round trip."""
    for _ in range(100_000):
        if is_so():
            return
    raise AssertionError("the server never came to that point")


def _has_a_waiter(session: psycopg.Connection, locktype: str) -> bool:
    found = session.execute(
        """
        select exists (select
                         from pg_locks as l
                         join pg_stat_activity as a on a.pid = l.pid
                        where not l.granted
                          and l.locktype = %s
                          and a.datname = current_database())
        """,
        (locktype,),
    ).fetchone()
    session.rollback()
    return found == (True,)


def test_two_migrators_at_once_are_one_after_the_other(
    empty_dsn: str, tree: Tree, session: psycopg.Connection
) -> None:
    tree.write(
        "migrations/0003_slow.sql",
        "select pg_advisory_xact_lock(42); create table workflow_pg.slow (a text);",
    )
    with (
        psycopg.connect(empty_dsn) as blocker,
        ThreadPoolExecutor(max_workers=2) as pool,
    ):
        blocker.execute("select pg_advisory_xact_lock(42)")
        first = _Migrator(pool, empty_dsn, tree)
        _wait_until(lambda: _has_a_waiter(session, "advisory"))
        second = _Migrator(pool, empty_dsn, tree)
        second.wait_for_the_other()
        blocker.commit()
        assert any(line.startswith("applied 0003_slow.sql") for line in first.end())
        assert second.end()[1:] == ["up to date at migration 0003"]
    assert rows(empty_dsn, _STATE) == [(3, "ready")]
    assert rows(empty_dsn, "select count(*) from workflow_pg_private.migrations") == [
        (3,)
    ]


def test_a_waiting_migrator_does_not_hold_up_a_concurrent_index(
    empty_dsn: str, tree: Tree, session: psycopg.Connection
) -> None:
    up(empty_dsn, files=tree.files)
    tree.write(
        "migrations/0003_index.sql",
        "-- transaction: none\n"
        "create index concurrently things_idx on workflow_pg.things (name);",
    )
    with (
        psycopg.connect(empty_dsn) as blocker,
        ThreadPoolExecutor(max_workers=2) as pool,
    ):
        blocker.execute("lock table workflow_pg.things in row exclusive mode")
        first = _Migrator(pool, empty_dsn, tree)
        _wait_until(lambda: _has_a_waiter(session, "virtualxid"))
        second = _Migrator(pool, empty_dsn, tree)
        second.wait_for_the_other()
        blocker.commit()
        assert any("outside a transaction" in line for line in first.end())
        assert second.end()[1:] == ["up to date at migration 0003"]


def test_a_lock_that_is_not_free_is_tried_again(
    empty_dsn: str, tree: Tree, session: psycopg.Connection
) -> None:
    up(empty_dsn, files=tree.files)
    tree.write(
        "migrations/0003_size.sql",
        "alter table workflow_pg.things add column size integer;",
    )
    session.execute("select * from workflow_pg.things")
    lines: list[str] = []

    def take(line: str) -> None:
        lines.append(line)
        if len(lines) == 3:
            session.commit()

    up(empty_dsn, files=tree.files, on_line=take, patience=_HASTY)
    assert [line.split(":")[0] for line in lines[:3]] == ["0003_size.sql"] * 3
    assert "not free within 50 ms (try 3 of 100)" in lines[2]
    assert rows(empty_dsn, _STATE) == [(3, "ready")]


def test_a_view_in_use_is_tried_again(
    empty_dsn: str, tree: Tree, session: psycopg.Connection
) -> None:
    up(empty_dsn, files=tree.files)
    tree.write(
        "sql/10_machine/thing_kinds.sql",
        "create view workflow_pg.thing_kinds (kind) as values ('medium');",
    )
    session.execute("select * from workflow_pg.thing_kinds")

    def take(line: str) -> None:
        if "not free" in line:
            session.commit()

    up(empty_dsn, files=tree.files, on_line=take, patience=_HASTY)
    assert rows(empty_dsn, "select kind from workflow_pg.thing_kinds") == [("medium",)]


def test_a_lock_that_never_gets_free_ends_it_with_nothing_kept(
    empty_dsn: str, tree: Tree, session: psycopg.Connection
) -> None:
    up(empty_dsn, files=tree.files)
    before = catalog_text(empty_dsn)
    tree.write(
        "migrations/0003_size.sql",
        "alter table workflow_pg.things add column size integer;",
    )
    session.execute("select * from workflow_pg.things")
    patience = Patience(lock_timeout_ms=20, attempts=2, first_pause_seconds=0.01)
    with pytest.raises(MigrationFailed, match=r"0003_size\.sql: .* in 2 tries"):
        up(empty_dsn, files=tree.files, patience=patience)
    assert catalog_text(empty_dsn) == before
    assert rows(empty_dsn, _STATE) == [(2, "ready")]


def test_a_migrator_that_is_cut_off_keeps_nothing_and_the_next_one_goes_on(
    empty_dsn: str, tree: Tree, session: psycopg.Connection
) -> None:
    up(empty_dsn, files=tree.files)
    tree.write("migrations/0003_more.sql", "create table workflow_pg.more (a text);")
    tree.write(
        "migrations/0004_slow.sql",
        "create table workflow_pg.slow (a text); select pg_advisory_xact_lock(42);",
    )
    with (
        psycopg.connect(empty_dsn) as blocker,
        ThreadPoolExecutor(max_workers=1) as pool,
    ):
        blocker.execute("select pg_advisory_xact_lock(42)")
        first = _Migrator(pool, empty_dsn, tree)
        _wait_until(lambda: _has_a_waiter(session, "advisory"))
        session.execute(
            """
            select pg_terminate_backend(a.pid)
              from pg_stat_activity as a
             where a.application_name = 'workflow-pg migrate'
               and a.datname = current_database()
            """
        )
        session.commit()
        with pytest.raises(DatabaseUnreachable, match="was lost"):
            first.end()
    assert rows(empty_dsn, "select to_regclass('workflow_pg.slow')") == [(None,)]
    assert rows(empty_dsn, _STATE) == [(3, "migrating")]
    up(empty_dsn, files=tree.files)
    assert rows(empty_dsn, _STATE) == [(4, "ready")]


@pytest.mark.parametrize("text", ["postgresql://u:hunter/2@host/db", "host=x \udc80"])
def test_a_string_that_is_no_dsn_is_not_repeated(text: str) -> None:
    with pytest.raises(BadDsn, match="not a connection string") as caught:
        status(text)
    assert "hunter" not in str(caught.value)
