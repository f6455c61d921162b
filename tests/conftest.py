"""The fixtures of every test: one server for the run, one database for each test."""

from __future__ import annotations

import itertools
import os
import platform
import signal
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier
from pytest_postgresql import factories
from pytest_postgresql.executors import NoopExecutor

from tests.servers import Choice, NoServerError, Server, choose_server, execute
from workflow_pg.sdk import use_postgres

# Their assertions are to be explained as those of a test are.
pytest.register_assert_rewrite(
    "tests.support", "tests.docs.apps", "tests.importing.likeness"
)
pytest_plugins = ["pytester", "tests.shared", "tests.unwakeable"]

# Apps register with the World of their process when they are imported, and the SDK's
# local World takes one app only. Nothing connects to this one.
use_postgres("postgresql://nowhere.invalid/none")

_CHOICE = pytest.StashKey[Choice]()
_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Choose the server, or end the run with one sentence."""
    # A script's background job ignores Ctrl-C, and so would the commands it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        config.stash[_CHOICE] = choose_server()
    except NoServerError as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)


def pytest_report_header(config: pytest.Config) -> str:
    """Say what the run is about: two runs that differ in this are two results."""
    choice = config.stash[_CHOICE]
    return (
        f"server: PostgreSQL {choice.major} ({choice.description});"
        f" client: Python {platform.python_version()}, psycopg {psycopg.__version__}"
    )


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The server of this run, with `dsn()` of its superuser, `major`, `restart()`."""
    with request.config.stash[_CHOICE].open() as server:
        option = request.config.option
        option.postgresql_host = server.host
        option.postgresql_port = server.port
        option.postgresql_user = server.user
        option.postgresql_password = server.password
        # Two runs may share a server.
        option.postgresql_dbname = f"workflow_pg_{os.getpid()}"
        yield server


def _migrate(
    *, host: str, port: int, user: str, dbname: str, password: str, **_: object
) -> None:
    # Imported late: tests that need no database run when it cannot be.
    from workflow_pg.migrate import up

    up(make_conninfo(host=host, port=port, user=user, dbname=dbname, password=password))


_template_database = factories.postgresql_noproc(  # pyright: ignore[reportUnknownMemberType]
    load=[_migrate]
)


@pytest.fixture(scope="session")
def template(server: Server, request: pytest.FixtureRequest) -> str:
    """The name of a database with all of migrations/ and sql/, to be cloned."""
    # By name, because it must not be set up before the server is.
    executor: NoopExecutor = request.getfixturevalue("_template_database")
    return executor.template_dbname


@pytest.fixture
def direct_dsn(server: Server, template: str) -> Iterator[str]:
    """The address of a database of this test's own, migrated and empty."""
    yield from _database(server, template)


@pytest.fixture(scope="module")
def module_dsn(server: Server, template: str) -> Iterator[str]:
    """The address of a database that the tests of a file share, migrated."""
    yield from _database(server, template)


@pytest.fixture
def dsn(direct_dsn: str) -> str:
    """The same; where a pooler is being tested, it leads through it."""
    return direct_dsn


@pytest.fixture
def empty_dsn(server: Server) -> Iterator[str]:
    """The address of a database of this test's own, with nothing in it."""
    yield from _database(server, "template0")


@pytest.fixture
def conn(direct_dsn: str) -> Iterator[psycopg.Connection]:
    """A connection to the database of `dsn`, each statement its own transaction."""
    with psycopg.connect(direct_dsn, autocommit=True) as connection:
        yield connection


def _database(server: Server, template: str) -> Iterator[str]:
    name = f"workflow_pg_{os.getpid()}_{next(_numbers)}"
    # Copying files beats logging pages when nothing is flushed to disk.
    create = SQL("create database {} template {} strategy file_copy")
    execute(server.dsn(), create.format(Identifier(name), Identifier(template)))
    try:
        yield server.dsn(name)
    finally:
        drop = SQL("drop database {} with (force)")
        execute(server.dsn(), drop.format(Identifier(name)))
