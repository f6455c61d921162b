"""Other sessions with a test's database, and how to know that one waits for a lock."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import LiteralString, TypeVar

import psycopg
from psycopg.sql import SQL

from tests.support import Row, Session, connect

T = TypeVar("T")

PATIENCE = 30.0  # seconds; only a failing test ever waits that long
_PAUSE = 4711  # the advisory lock that a pause waits for


@dataclass(frozen=True, slots=True)
class Rival:
    """Another session with the same database, and a thread to wait in its place."""

    session: Session
    watcher: Session
    thread: ThreadPoolExecutor

    @property
    def pid(self) -> int:
        """The process id of its backend."""
        return self.session.conn.info.backend_pid

    @contextmanager
    def open(self) -> Generator[None]:
        """A transaction that ends with the block."""
        with self.session.conn.transaction():
            yield

    def begin(self, act: Callable[[Session], T]) -> Future[T]:
        """Let it act in its thread."""
        return self.thread.submit(act, self.session)

    def blocked(self, act: Callable[[Session], T]) -> Future[T]:
        """Let it act, and return when what it does waits for a lock."""
        call = self.begin(act)
        wait_until(lambda: call.done() or is_waiting(self.watcher, self.pid))
        assert not call.done(), f"it did not wait: {call.exception() or call.result()}"
        return call

    def terminate(self, call: Future[T]) -> None:
        """Kill its backend in the midst of a call, and return when it is gone."""
        assert self.watcher.value("select pg_terminate_backend(%s)", self.pid)
        error = call.exception(PATIENCE)
        assert isinstance(error, psycopg.OperationalError), error
        query = "select count(*) from pg_stat_activity where pid = %s"
        wait_until(lambda: self.watcher.value(query, self.pid) == 0)


@contextmanager
def rival_of(watcher: Session) -> Generator[Rival]:
    """Another session; `watcher` must not have a transaction open."""
    with ThreadPoolExecutor(1) as thread, connect(watcher.dsn) as session:
        yield Rival(session, watcher, thread)


def wait_until(is_so: Callable[[], bool]) -> None:
    """Ask again and again; fail when it takes as long as PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "it never came to be"


def is_waiting(watcher: Session, pid: int) -> bool:
    """Whether a backend waits for a lock of whatever kind."""
    return watcher.value(
        "select coalesce(bool_or(wait_event_type = 'Lock'), false)"
        "  from pg_stat_activity where pid = %s",
        pid,
    )


def outcome(call: Future[Row]) -> str:
    """What came of an append: type of its event, `-` for none, or a SQLSTATE."""
    try:
        reply = call.result(PATIENCE)
    except psycopg.Error as error:
        return error.sqlstate or type(error).__name__
    return "-" if reply["seq"] is None else reply["event_type"]


def pause_before(session: Session, function: LiteralString) -> None:
    """Have each call of a private function wait first, while `paused` lasts.

    For moments between two statements where nothing is locked that a test could hold.
    The function itself is called then, as it is.
    """
    (found,) = session.rows(
        "select pg_get_function_arguments(p.oid) as arguments,"
        "       pg_get_function_identity_arguments(p.oid) as identity,"
        "       pg_get_function_result(p.oid) as result, p.pronargs as count"
        "  from pg_proc as p"
        " where p.pronamespace = 'workflow_pg_private'::regnamespace"
        "   and p.proname = %s",
        function,
    )
    numbers = ", ".join(f"${n + 1}" for n in range(found["count"]))
    act = "perform" if found["result"] == "void" else "return"
    body = (
        f"begin perform pg_advisory_xact_lock_shared({_PAUSE});"
        f" {act} workflow_pg_private.{function}_itself({numbers}); end"
    )
    statements = (
        f"alter function workflow_pg_private.{function}({found['identity']})"
        f" rename to {function}_itself;"
        f"create function workflow_pg_private.{function}({found['arguments']})"
        f" returns {found['result']} language plpgsql volatile as $pause${body}$pause$"
    )
    session.conn.execute(statements.encode())


@contextmanager
def paused(session: Session) -> Generator[None]:
    """Let calls that come to a pause wait there until the block ends."""
    session.conn.execute(SQL("select pg_advisory_lock({})").format(_PAUSE))
    try:
        yield
    finally:
        session.conn.execute(SQL("select pg_advisory_unlock({})").format(_PAUSE))
