"""How a World gets its connections, and what it says when it gets none."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import psycopg
import psycopg_pool
import pytest
from psycopg.conninfo import make_conninfo

from tests.support import WORKFLOW, Session, connect
from workflow_pg import RunStatus, Unreachable, World, is_transient
from workflow_pg.errors import WorldClosed

PASSWORD = "s3cr3t/pa'ss"


@pytest.fixture
def dead_port() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def test_it_opens_at_the_first_call(db: Session) -> None:
    world = World(db.dsn)
    try:
        lists = await asyncio.gather(*(world.runs.list() for _ in range(5)))
        assert lists == [[]] * 5
    finally:
        await world.close()


async def test_opening_and_closing_twice_is_no_error(db: Session) -> None:
    async with World(db.dsn) as world:
        await world.open()
    await world.close()
    with pytest.raises(WorldClosed):
        await world.runs.list()


async def test_closing_what_was_never_opened(db: Session) -> None:
    await World(db.dsn).close()


async def test_no_more_connections_than_asked_for(db: Session) -> None:
    query = (
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and application_name = 'workflow-pg'"
    )
    async with World(db.dsn, max_size=2) as world:
        await asyncio.gather(*(world.runs.list() for _ in range(20)))
        assert db.value(query) <= 2


async def test_a_server_that_does_not_listen(dead_port: int) -> None:
    dsn = make_conninfo(host="127.0.0.1", port=dead_port, password=PASSWORD)
    began = time.monotonic()
    with pytest.raises(Unreachable, match="Connection refused") as caught:
        await World(dsn).open()
    assert time.monotonic() - began < 5
    assert PASSWORD not in str(caught.value)
    assert caught.value.__cause__ is None
    assert "\n" not in str(caught.value)
    assert is_transient(caught.value)


async def test_a_socket_that_is_not_there_yet(tmp_path: Path) -> None:
    with pytest.raises(Unreachable) as caught:
        await World(make_conninfo(host=str(tmp_path))).open()
    assert is_transient(caught.value)


async def test_a_name_that_nobody_knows() -> None:
    began = time.monotonic()
    with pytest.raises(Unreachable, match="resolve") as caught:
        await World("host=nobody.invalid,no-one.invalid").open()
    assert time.monotonic() - began < 5
    assert caught.value.may_pass is False


async def test_names_that_are_not_known_at_the_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(Unreachable, match="Temporary failure") as caught:
        await World("host=db").open()
    assert is_transient(caught.value)
    with pytest.raises(Unreachable, match="Temporary failure") as caught:
        await World("host=db.invalid").open()
    assert not is_transient(caught.value)


@contextmanager
def refusing(sqlstate: str) -> Generator[str]:
    """The address of a server that refuses all connections."""
    command = [sys.executable, "-m", "tests.world.refusing", sqlstate]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            yield make_conninfo(host="127.0.0.1", port=int(server.stdout.readline()))
        finally:
            server.kill()


@pytest.mark.parametrize(
    ("sqlstate", "may_pass"),
    [("57P03", True), ("28P01", False), ("28000", False), ("3D000", False)],
)
async def test_whether_a_server_that_refuses_may_let_us_in_later(
    sqlstate: str, *, may_pass: bool
) -> None:
    with (
        refusing(sqlstate) as dsn,
        pytest.raises(Unreachable, match="told in any language") as caught,
    ):
        await World(dsn).open()
    assert is_transient(caught.value) is may_pass


async def test_a_server_that_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dsn = make_conninfo(host="127.0.0.1", port=silent.getsockname()[1])
        began = time.monotonic()
        with pytest.raises(Unreachable, match="timeout") as caught:
            await World(dsn, timeout=2).open()
        assert is_transient(caught.value)
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://user:{PASSWORD}@[::1",
        f"host=x password={PASSWORD} nonsense",
        f"postgresql://user:{PASSWORD}@localhost/db",
        f"mysql://user:{PASSWORD}@host/db",
    ],
)
async def test_a_string_that_is_no_dsn(text: str) -> None:
    with pytest.raises(Unreachable, match="not a connection string") as caught:
        await World(text).open()
    assert "s3cr3t" not in str(caught.value)


async def test_a_database_that_does_not_exist(db: Session) -> None:
    dsn = make_conninfo(db.dsn, dbname="no_such_database")
    with pytest.raises(Unreachable, match="no_such_database") as caught:
        await World(dsn).open()
    assert not is_transient(caught.value)


async def test_a_world_that_failed_to_open_may_try_again(db: Session) -> None:
    dsn = make_conninfo(db.dsn, dbname="no_such_database")
    world = World(dsn)
    for _ in range(2):
        with pytest.raises(Unreachable):
            await world.runs.list()
    await world.close()


async def test_it_goes_on_after_its_connections_were_cut(
    world: World, db: Session
) -> None:
    run_id = db.new_run()
    ours = "datname = current_database() and application_name = 'workflow-pg'"
    count = f"select count(*) from pg_stat_activity where {ours}"
    async with asyncio.timeout(30):
        # The pool grows beside the calls, when it gets to it.
        while db.value(count) < 2:
            await asyncio.gather(*(world.runs.get(run_id) for _ in range(20)))
    cut = db.rows(
        f"select pg_terminate_backend(pid, 5000) as is_cut"
        f" from pg_stat_activity where {ours}"
    )
    assert len(cut) > 1
    with pytest.raises(psycopg.OperationalError) as caught:
        await world.runs.get(run_id)
    assert is_transient(caught.value)
    assert (await world.runs.get(run_id)).status is RunStatus.RUNNING


async def test_no_free_connection_in_time_is_transient(db: Session) -> None:
    with connect(db.dsn) as other:
        with other.conn.transaction():
            other.do("lock table workflow_pg.runs in access exclusive mode")
            async with World(db.dsn, max_size=1, timeout=1) as world:
                waiting = asyncio.create_task(world.runs.create(WORKFLOW, b"in"))
                await asyncio.sleep(0)
                with pytest.raises(psycopg_pool.PoolTimeout) as caught:
                    await world.runs.list()
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
        assert is_transient(caught.value)
        assert other.value("select count(*) from workflow_pg.runs") == 0


@pytest.mark.parametrize("threshold", [None, 0])
async def test_statements_may_be_prepared_at_once_or_never(
    db: Session, threshold: int | None
) -> None:
    async with World(db.dsn, prepare_threshold=threshold) as world:
        for _ in range(7):
            reply = await world.runs.create(WORKFLOW, b"in")
            await world.runs.cancel(reply.run_id)
        assert len(await world.runs.list(status=RunStatus.CANCELLED)) == 7
