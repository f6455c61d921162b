"""`SyncWorld`: what is not the same words as in `World`, and that the rest is."""

from __future__ import annotations

import inspect
import re
import threading
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager

import psycopg
import pytest

from tests.sdk.waiting import until
from tests.support import WORKFLOW, Session, new_run_id
from workflow_pg import (
    Conflict,
    HistoryCut,
    NotFound,
    SyncWorld,
    Unreachable,
    World,
    WorldClosed,
)
from workflow_pg.sync import watcher

RUN = "wrun_hc_of_no_run"
NAME = "strm_x_user"
DEAF = "host=127.0.0.1 port=1"
FACADES = [name for name in vars(World(DEAF)) if not name.startswith("_")]


@pytest.fixture
def world(db: Session) -> Iterator[SyncWorld]:
    """A SyncWorld on the database of `db`."""
    with SyncWorld(db.dsn) as world:
        yield world


@pytest.mark.parametrize("facade", ["", *FACADES])
def test_it_has_the_methods_of_the_async_one(facade: str) -> None:
    both: list[dict[str, str]] = []
    for world in (World(DEAF), SyncWorld(DEAF)):
        held: object = getattr(world, facade) if facade else world
        methods = inspect.getmembers(type(held), inspect.isfunction)
        both.append(
            {
                re.sub("^__a(?=enter|exit)", "__", name): _told(method)
                for name, method in methods
            }
        )
    assert both[0] == both[1]


def _told(method: object) -> str:
    """Parameters of a method, and what it gives, as both should say it."""
    assert callable(method)
    text = re.sub("AsyncGenerator", "Generator", str(inspect.signature(method)))
    text = re.sub(r"SyncWorld", "World", re.sub(r" at 0x\w+", "", text))
    return text.replace(", None, None]", ", None]")


def test_nothing_in_it_is_a_coroutine() -> None:
    for facade in FACADES:
        held: object = getattr(SyncWorld(DEAF), facade)
        assert not inspect.getmembers(type(held), inspect.iscoroutinefunction)


def test_a_refusal_is_the_same_class(world: SyncWorld) -> None:
    with pytest.raises(NotFound, match="does not exist") as caught:
        world.runs.get(new_run_id())
    assert caught.value.detail["entity"] == "run"


def test_a_call_on_the_callers_connection_joins_its_transaction(
    world: SyncWorld, db: Session
) -> None:
    run_id = new_run_id()
    closed = SyncWorld(DEAF)
    with psycopg.connect(db.dsn) as own:
        closed.runs.create(WORKFLOW, b"in", run_id=run_id, connection=own)
        with pytest.raises(NotFound):
            world.runs.get(run_id)
        with pytest.raises(Conflict), own.transaction():
            closed.runs.create(WORKFLOW, b"in", run_id=run_id, connection=own)
        own.rollback()
        with pytest.raises(NotFound):
            closed.runs.get(run_id, connection=own)


def test_threads_share_it_and_its_connections(db: Session) -> None:
    query = (
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and application_name = 'workflow-pg'"
    )
    with SyncWorld(db.dsn, max_size=2) as world, ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(world.runs.create, [WORKFLOW] * 40, [b"in"] * 40))
        assert db.value(query) <= 2
    assert len({reply.run_id for reply in replies}) == 40


def test_it_opens_at_the_first_call_and_is_closed_for_good(db: Session) -> None:
    world = SyncWorld(db.dsn)
    assert world.runs.list() == []
    world.close()
    world.close()
    with pytest.raises(WorldClosed):
        world.runs.list()
    assert not [t for t in threading.enumerate() if t.name.startswith("pool-")]


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(Unreachable, match="cannot be reached") as caught:
        SyncWorld(f"{DEAF} password=s3cr3t").open()
    assert "s3cr3t" not in str(caught.value)
    with pytest.raises(Unreachable):
        SyncWorld("not a dsn").open()


def test_a_pool_that_was_cut_off_is_mended(world: SyncWorld, db: Session) -> None:
    world.runs.list()
    db.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and application_name = 'workflow-pg'"
    )
    with pytest.raises(psycopg.OperationalError):
        world.runs.list()
    assert world.runs.list() == []


def test_each_call_says_in_which_epoch_its_caller_has_read(db: Session) -> None:
    with (
        SyncWorld(db.dsn, epoch=lambda: "another") as world,
        db.nothing_written(),
        pytest.raises(HistoryCut),
    ):
        world.runs.create(WORKFLOW, b"in")


def test_the_schema_is_checked(world: SyncWorld) -> None:
    assert world.check_schema().state == "ready"
    assert world.epoch(world.epoch())


@contextmanager
def reading(world: SyncWorld, *, count: int = -1) -> Generator[Future[list[bytes]]]:
    """A reader in a thread, who ends after so many chunks, or with the stream."""

    def read() -> list[bytes]:
        found: list[bytes] = []
        with closing(world.streams.read(RUN, NAME)) as chunks:
            for chunk in chunks:
                found.append(chunk.data)
                if len(found) == count:
                    break
        return found

    with ThreadPoolExecutor(1) as threads:
        yield threads.submit(read)


def readers(db: Session) -> int:
    """How many readers are announced."""
    return db.value("select count(*) from workflow_pg_private.stream_readers")


async def test_a_reader_is_notified(
    world: SyncWorld, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "POLL_SECONDS", 3600.0)
    with reading(world, count=2) as read:
        await until(lambda: readers(db) == 1)
        world.streams.write(RUN, NAME, b"a", b"b")
        assert read.result(30) == [b"a", b"b"]
    assert readers(db) == 0


async def test_a_reader_that_hears_of_nothing_polls(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "POLL_SECONDS", 0.05)
    with SyncWorld(db.dsn, listen_dsn=DEAF) as world, reading(world) as read:
        world.streams.write(RUN, NAME, b"a")
        world.streams.write(RUN, NAME, b"b")
        world.streams.close(RUN, NAME)
        assert read.result(30) == [b"a", b"b"]
    assert readers(db) == 0


async def test_a_reader_outlives_its_connections(
    world: SyncWorld, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "POLL_SECONDS", 0.05)
    with reading(world) as read:
        await until(lambda: readers(db) == 1)
        db.rows(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and application_name = 'workflow-pg'"
        )
        db.call("write_stream", run_id=RUN, name=NAME, chunks=[b"a"])
        db.call("close_stream", run_id=RUN, name=NAME)
        assert read.result(30) == [b"a"]


async def test_closing_it_fails_the_readers(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "POLL_SECONDS", 0.05)
    world = SyncWorld(db.dsn)
    with reading(world) as read:
        await until(lambda: readers(db) == 1)
        world.close()
        with pytest.raises(WorldClosed):
            read.result(30)
