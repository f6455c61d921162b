"""The server of a test run, and a database for each test."""

from __future__ import annotations

import itertools
import os
import secrets
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.sql import Composed

from workflow_pg.migrate import up
from workflow_pg.migrate.database import redacted
from workflow_pg.testing import calls
from workflow_pg.testing.errors import WorkbenchError

__all__ = ["TEST_DSN", "Server", "open_server"]

TEST_DSN = "WORKFLOW_PG_TEST_DSN"

# The data is gone after the run anyway, and a test does not crash the server.
_SETTINGS = {"synchronous_commit": "off", "autovacuum": "off"}


class Server:
    """A PostgreSQL with a migrated database to copy.

    Args:
        dsn: Of a login that may create databases.
        is_ours: Whether it is the throwaway one, which flushes nothing.
    """

    def __init__(self, dsn: str, *, is_ours: bool) -> None:
        self._dsn = dsn
        self._is_ours = is_ours
        # Several processes, and several runs, may share a server.
        self._prefix = f"workflow_pg_testing_{os.getpid()}_{secrets.token_hex(4)}"
        self._numbers = itertools.count(1)

    @contextmanager
    def template(self) -> Generator[None]:
        """Have the database to copy while the block runs."""
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            connection.execute(calls.LOCK)
            try:
                connection.execute(self._copy(self._prefix, "template0"))
                up(self._dsn_of(self._prefix))
            finally:
                connection.execute(calls.UNLOCK)
        try:
            yield
        finally:
            self._drop(self._prefix)

    @contextmanager
    def database(self) -> Generator[str]:
        """The DSN of a database of one's own, migrated and empty."""
        name = f"{self._prefix}_{next(self._numbers)}"
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            connection.execute(self._copy(name, self._prefix))
        try:
            yield self._dsn_of(name)
        finally:
            self._drop(name)

    def _copy(self, name: str, template: str) -> Composed:
        return calls.create_database(name, template, is_ours=self._is_ours)

    def _drop(self, name: str) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            connection.execute(calls.drop_database(name))

    def _dsn_of(self, name: str) -> str:
        return make_conninfo(self._dsn, dbname=name)


@contextmanager
def open_server() -> Generator[Server]:
    """The server that WORKFLOW_PG_TEST_DSN names, else a throwaway one of our own.

    Raises:
        WorkbenchError: It cannot be used, or there is no PostgreSQL to start.
    """
    given = os.environ.get(TEST_DSN)
    if given:
        try:
            psycopg.connect(given).close()
        except psycopg.Error as error:
            words = redacted(" ".join(str(error).split()), given)
            raise WorkbenchError(f"{TEST_DSN} does not answer: {words}") from None
        server = Server(given, is_ours=False)
        with server.template():
            yield server
        return
    from workflow_pg.embedded import EmbeddedError, EmbeddedServer

    with ExitStack() as stack:
        try:
            ours = stack.enter_context(EmbeddedServer(settings=_SETTINGS))
        except EmbeddedError as error:
            raise WorkbenchError(
                f"There is no PostgreSQL to test on: {error} Or set {TEST_DSN}."
            ) from error
        server = Server(ours.dsn(), is_ours=True)
        stack.enter_context(server.template())
        yield server
