"""Which PostgreSQL the tests run on, and how it is started.

The first of: the server WORKFLOW_PG_TEST_DSN names, the programs WORKFLOW_PG_BINDIR
names, a container when a Docker daemon answers, the newest PostgreSQL of the machine,
the embedded one. WORKFLOW_PG_TEST_MAJOR asks for one major version.
"""

from __future__ import annotations

import contextlib
import gc
import os
import warnings
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import Composed

from workflow_pg.embedded import (
    DEFAULT_MAJOR,
    Binaries,
    EmbeddedError,
    EmbeddedServer,
    find_binaries,
    read_bindir,
)

_DEBIAN = Path("/usr/lib/postgresql")
_CHECKER = "plpgsql_check"


class NoServerError(Exception):
    """No server fits what was asked; the message is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server whose superuser may create databases."""

    host: str
    port: int
    user: str
    password: str
    major: int
    embedded: EmbeddedServer | None = None

    def dsn(self, dbname: str = "postgres") -> str:
        """The address of one of its databases, as its superuser."""
        return make_conninfo(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            dbname=dbname,
        )

    def restart(self, *, immediate: bool = False) -> None:
        """Restart it on the same port; skips the test when it is not ours."""
        if self.embedded is None:
            pytest.skip("the server is not ours to restart")
        self.embedded.restart(immediate=immediate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A server that has been chosen and not yet been started."""

    major: int
    description: str
    open: Callable[[], AbstractContextManager[Server]]


def choose_server() -> Choice:
    """Choose the server of this run from the environment and the machine."""
    major = wanted_major()
    if dsn := os.environ.get("WORKFLOW_PG_TEST_DSN"):
        return _given(dsn, major)
    if "WORKFLOW_PG_BINDIR" not in os.environ and _docker_answers():
        return _container(major or DEFAULT_MAJOR)
    return _embedded(choose_binaries(major))


def wanted_major() -> int | None:
    """The major version the environment asks for."""
    text = os.environ.get("WORKFLOW_PG_TEST_MAJOR", "")
    if text and not text.isdecimal():
        raise NoServerError(f"WORKFLOW_PG_TEST_MAJOR is {text!r}: write one like 16.")
    return int(text) if text else None


def choose_binaries(major: int | None) -> Binaries:
    """Programs of the wanted major version, or of the best one there is."""
    if "WORKFLOW_PG_BINDIR" in os.environ:
        try:
            return find_binaries(major=major)
        except EmbeddedError as error:
            raise NoServerError(str(error)) from error
    local = sorted(_DEBIAN.glob("[0-9]*/bin/postgres"), key=_major_of, reverse=True)
    for program in local:
        if major in {None, _major_of(program)}:
            return read_bindir(program.parent)
    try:
        return find_binaries(major=major)
    except EmbeddedError as error:
        raise NoServerError(
            f"PostgreSQL {major or ''} to test on is neither in {_DEBIAN} nor in the"
            f" extra 'embedded': {error}"
        ) from error


def execute(dsn: str, statement: Composed) -> None:
    """Run one statement outside a transaction."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement)


def _major_of(program: Path) -> int:
    return int(program.parent.parent.name)


def _given(dsn: str, major: int | None) -> Choice:
    try:
        with psycopg.connect(dsn) as connection:
            found = connection.info.server_version // 10_000
    except psycopg.Error as error:
        raise NoServerError(f"WORKFLOW_PG_TEST_DSN does not answer: {error}") from error
    if major not in {None, found}:
        raise NoServerError(
            f"WORKFLOW_PG_TEST_MAJOR asks for {major}, but the server of"
            f" WORKFLOW_PG_TEST_DSN is PostgreSQL {found}: unset one of them."
        )

    @contextmanager
    def use() -> Generator[Server]:
        given = conninfo_to_dict(dsn)
        yield Server(
            host=str(given.get("host", "localhost")),
            port=int(given.get("port") or 5432),
            user=str(given.get("user", "postgres")),
            password=str(given.get("password", "")),
            major=found,
        )

    return Choice(major=found, description="of WORKFLOW_PG_TEST_DSN", open=use)


def _docker_answers() -> bool:
    """Whether a daemon answers; a client without one is common."""
    # Imported here: it is slow to import, and most runs do not come this far.
    import docker
    from docker.errors import DockerException

    with warnings.catch_warnings():
        # Without a daemon the library drops its socket unclosed.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            with contextlib.closing(docker.from_env(timeout=2)) as client:
                return client.ping()  # pyright: ignore[reportUnknownMemberType]
        except DockerException:
            return False
        finally:
            gc.collect()


def _container(major: int) -> Choice:
    @contextmanager
    def start() -> Generator[Server]:
        from testcontainers.community.postgres import PostgresContainer

        container = PostgresContainer(f"postgres:{major}", driver=None)
        container.with_command(
            "postgres -c fsync=off -c jit=off -c max_connections=200"
        )
        with container:
            yield Server(
                host=container.get_container_host_ip(),
                port=int(container.get_exposed_port(container.port)),
                user=container.username,
                password=container.password,
                major=major,
            )

    return Choice(major=major, description="in a container", open=start)


def _embedded(binaries: Binaries) -> Choice:
    @contextmanager
    def start() -> Generator[Server]:
        with EmbeddedServer(binaries=binaries, settings=_settings(binaries)) as server:
            yield Server(
                host=server.host,
                port=server.port,
                user=server.user,
                password=server.password,
                major=server.major,
                embedded=server,
            )

    return Choice(
        major=binaries.major,
        description=f"{binaries.version}, programs in {binaries.bindir}",
        open=start,
    )


def _settings(binaries: Binaries) -> dict[str, str]:
    library = binaries.bindir.parent / "lib" / f"{_CHECKER}.so"
    if not library.exists():
        return {}
    # The checker's profiler counts in shared memory, so it is there from the start; it
    # refuses to be loaded before the language it checks.
    return {"shared_preload_libraries": f"plpgsql,{_CHECKER}"}
