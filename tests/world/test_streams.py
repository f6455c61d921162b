"""`world.streams`: what each method returns, and readers that follow a stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any, LiteralString

import psycopg
import pytest
import pytest_asyncio

from tests.sdk.waiting import until
from tests.support import Session, connect
from workflow_pg import (
    Conflict,
    MalformedCall,
    NotFound,
    Stream,
    StreamPage,
    StreamWrite,
    TooLarge,
    World,
    WorldClosed,
    watcher,
)

RUN = "wrun_hc_of_no_run"
NAME = "strm_x_user"
# Nothing listens there: what works with it needs no notification.
DEAF = "host=127.0.0.1 port=1"


@pytest_asyncio.fixture
async def deaf(db: Session) -> AsyncIterator[World]:
    """A World that hears of nothing, and so polls."""
    async with World(db.dsn, listen_dsn=DEAF) as world:
        yield world


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A poll that comes only when the test is lost, and a short goodbye."""
    monkeypatch.setattr(watcher, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(watcher, "LINGER_SECONDS", 0.1)


@pytest.fixture
def rarely_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes sooner than a test may take came by notification."""
    monkeypatch.setattr(watcher, "POLL_SECONDS", 3600.0)


async def take(world: World, count: int, *, start: int = 0) -> list[tuple[int, bytes]]:
    """The first chunks that a reader gets; it is closed then."""
    found: list[tuple[int, bytes]] = []
    async with aclosing(world.streams.read(RUN, NAME, start=start)) as chunks:
        async for chunk in chunks:
            found.append((chunk.index, chunk.data))
            if len(found) == count:
                break
    return found


async def read_all(world: World, *, start: int = 0) -> list[tuple[int, bytes]]:
    """All that a reader gets until the stream is closed."""
    return await take(world, -1, start=start)


def readers(db: Session) -> int:
    """How many readers are announced."""
    return db.value("select count(*) from workflow_pg_private.stream_readers")


def listeners(db: Session) -> list[int]:
    """The backends that listen for streams."""
    rows = db.rows(
        "select pid from pg_stat_activity where datname = current_database()"
        " and query like 'listen workflow_pg_streams;%%'"
    )
    return [row["pid"] for row in rows]


def tasks_of_readers() -> list[str]:
    """The tasks that run for all readers of a World."""
    names = [getattr(t.get_coro(), "__qualname__", "") for t in asyncio.all_tasks()]
    return [name for name in names if name in {"Watcher._watch", "_listen"}]


async def announced(db: Session, count: int = 1) -> None:
    """Wait until so many readers are announced."""
    await until(lambda: readers(db) == count)


async def test_chunks_may_be_any_bytes(world: World) -> None:
    chunks: list[Any] = [b"a", bytearray(b"b"), memoryview(b"c")]
    await world.streams.write(RUN, NAME, *chunks)
    assert await take(world, 3) == [(0, b"a"), (1, b"b"), (2, b"c")]


async def test_write_says_where_the_chunks_are(world: World) -> None:
    reply = await world.streams.write(RUN, NAME, b"a", b"b")
    assert reply == StreamWrite(
        run_id=RUN, name=NAME, first_index=0, chunk_count=2, is_closed=False
    )
    assert (await world.streams.write(RUN, NAME, b"c")).first_index == 2


async def test_write_of_nothing_does_nothing(world: World, db: Session) -> None:
    with db.nothing_written():
        reply = await world.streams.write(RUN, NAME)
    assert (reply.first_index, reply.chunk_count) == (None, 0)


async def test_a_repeated_write_gets_the_first_answer(
    world: World, db: Session
) -> None:
    first = await world.streams.write(RUN, NAME, b"a", writer="w", seq=0)
    with db.nothing_written():
        assert await world.streams.write(RUN, NAME, b"a", writer="w", seq=0) == first
        with pytest.raises(Conflict, match="stands for other chunks"):
            await world.streams.write(RUN, NAME, b"b", writer="w", seq=0)
        with pytest.raises(TooLarge):
            await world.streams.write(RUN, NAME, bytes(16 * 1024 * 1024 + 1))


async def test_close_ends_the_stream(world: World, db: Session) -> None:
    await world.streams.write(RUN, NAME, b"a")
    stream = await world.streams.close(RUN, NAME)
    assert (stream.tail_index, stream.closed_at is None) == (0, False)
    with db.nothing_written():
        assert (await world.streams.write(RUN, NAME, b"late")).is_closed
        assert await world.streams.close(RUN, NAME) == stream
        assert await world.streams.get(RUN, NAME) == stream


async def test_get_knows_streams_that_nobody_has_written_to(world: World) -> None:
    assert await world.streams.get(RUN, NAME) == Stream(
        run_id=RUN, name=NAME, tail_index=-1, created_at=None, closed_at=None
    )


async def test_page_follows_page(world: World) -> None:
    await world.streams.write(RUN, NAME, b"a", b"", b"c")
    page = await world.streams.page(RUN, NAME, limit=2)
    assert page == StreamPage(
        first_index=0, chunks=[b"a", b""], tail_index=2, is_closed=False
    )
    assert (page.next_index, page.is_last) == (2, False)
    page = await world.streams.page(RUN, NAME, start=page.next_index)
    assert (page.chunks, page.next_index, page.is_last) == ([b"c"], 3, True)
    assert (await world.streams.page(RUN, NAME, start=-2)).first_index == 1
    with pytest.raises(MalformedCall, match="limit 0 is out of range"):
        await world.streams.page(RUN, NAME, limit=0)


async def test_list_is_in_the_order_of_creation(world: World) -> None:
    for name in ("b", "c", "a"):
        await world.streams.write(RUN, name, b"x")
    streams = await world.streams.list(RUN, limit=2)
    assert [stream.name for stream in streams] == ["b", "c"]
    streams = await world.streams.list(RUN, after="c")
    assert [stream.name for stream in streams] == ["a"]
    with pytest.raises(NotFound):
        await world.streams.list(RUN, after="nobody")


async def test_announce_says_who_need_not_wait(world: World, db: Session) -> None:
    await world.streams.write(RUN, NAME, b"a")
    told = await world.streams.announce(["r", "s"], [RUN] * 2, [NAME] * 2, [0, 1])
    assert (told, readers(db)) == ({"r"}, 2)
    await world.streams.withdraw(["r", "s"], [RUN] * 2, [NAME] * 2)
    with db.nothing_written():
        assert not await world.streams.announce(
            ["r"], [RUN], [NAME], [1], hints_for=None
        )
    with db.nothing_written(), pytest.raises(MalformedCall, match="hour"):
        await world.streams.announce(
            ["r"], [RUN], [NAME], [1], hints_for=timedelta(days=1)
        )


async def test_a_write_joins_the_callers_transaction(world: World, db: Session) -> None:
    async with await psycopg.AsyncConnection.connect(db.dsn) as own:
        reply = await world.streams.write(RUN, NAME, b"a", connection=own)
        assert reply.first_index == 0
        assert (await world.streams.get(RUN, NAME)).tail_index == -1
        await own.rollback()
    assert (await world.streams.get(RUN, NAME)).tail_index == -1


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (0, [(0, b"0"), (1, b""), (2, b"2")]),
        (2, [(2, b"2")]),
        (-1, [(2, b"2")]),
        (-2, [(1, b""), (2, b"2")]),
        (-9, [(0, b"0"), (1, b""), (2, b"2")]),
        (3, []),
        (99, []),
    ],
)
async def test_a_reader_of_a_closed_stream_ends(
    world: World, start: int, expected: list[tuple[int, bytes]]
) -> None:
    await world.streams.write(RUN, NAME, b"0", b"", b"2")
    await world.streams.close(RUN, NAME)
    assert await read_all(world, start=start) == expected


async def test_a_reader_reads_more_pages_than_one(world: World) -> None:
    every = [f"{n}".encode() for n in range(1050)]
    for first in range(0, 1050, 50):
        await world.streams.write(RUN, NAME, *every[first : first + 50])
    await world.streams.close(RUN, NAME)
    assert await read_all(world) == list(enumerate(every))


@pytest.mark.usefixtures("rarely_polling")
async def test_a_reader_is_notified_of_each_write_and_of_the_close(
    world: World, db: Session
) -> None:
    async def announced_for(index: int) -> None:
        query: LiteralString = (
            "select next_index from workflow_pg_private.stream_readers"
        )
        await until(lambda: [row["next_index"] for row in db.rows(query)] == [index])

    reading = asyncio.create_task(read_all(world))
    for n in range(5):
        await announced_for(n)
        await world.streams.write(RUN, NAME, f"{n}".encode())
    await announced_for(5)
    await world.streams.close(RUN, NAME)
    assert await reading == [(n, f"{n}".encode()) for n in range(5)]


async def test_a_reader_that_hears_of_nothing_polls(deaf: World, db: Session) -> None:
    reading = asyncio.create_task(read_all(deaf))
    for n in range(3):
        await deaf.streams.write(RUN, NAME, f"{n}".encode())
    await asyncio.sleep(0)
    await deaf.streams.close(RUN, NAME)
    assert await reading == [(0, b"0"), (1, b"1"), (2, b"2")]
    assert readers(db) == 0


async def test_a_negative_start_is_resolved_once(deaf: World) -> None:
    await deaf.streams.write(RUN, NAME, b"0", b"1", b"2")
    async with aclosing(deaf.streams.read(RUN, NAME, start=-1)) as chunks:
        assert (await anext(chunks)).index == 2
        await deaf.streams.write(RUN, NAME, b"3", b"4", b"5")
        assert [(await anext(chunks)).index for _ in range(3)] == [3, 4, 5]


async def test_a_start_beyond_the_end_waits_for_its_index(
    deaf: World, db: Session
) -> None:
    await deaf.streams.write(RUN, NAME, b"0")
    reading = asyncio.create_task(take(deaf, 1, start=3))
    for n in (1, 2, 3):
        await deaf.streams.write(RUN, NAME, f"{n}".encode())
    assert await reading == [(3, b"3")]


async def test_a_reader_goes_on_where_another_has_stopped(deaf: World) -> None:
    await deaf.streams.write(RUN, NAME, b"0", b"1", b"2", b"3")
    got = await take(deaf, 2)
    got += await take(deaf, 2, start=got[-1][0] + 1)
    assert [index for index, _ in got] == [0, 1, 2, 3]


async def test_readers_of_one_stream_each_get_all_of_it(
    world: World, db: Session
) -> None:
    tasks = [asyncio.create_task(read_all(world)) for _ in range(20)]
    await announced(db)
    for n in range(10):
        await world.streams.write(RUN, NAME, f"{n}".encode())
    await world.streams.close(RUN, NAME)
    expected = [(n, f"{n}".encode()) for n in range(10)]
    assert await asyncio.gather(*tasks) == [expected] * 20


async def test_fifty_waiting_readers_hold_one_connection(db: Session) -> None:
    async with World(db.dsn, max_size=2) as world:
        tasks = [
            asyncio.create_task(anext(world.streams.read(RUN, f"stream {n}")))
            for n in range(50)
        ]
        await announced(db, 50)
        query = (
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and application_name = 'workflow-pg'"
        )
        assert db.value(query) <= 3
        assert len(listeners(db)) == 1
        for n in range(50):
            await world.streams.write(RUN, f"stream {n}", f"{n}".encode())
        chunks = await asyncio.gather(*tasks)
        assert [int(chunk.data) for chunk in chunks] == list(range(50))


async def test_a_reader_fetches_no_page_before_it_is_needed(world: World) -> None:
    for _ in range(20):
        await world.streams.write(RUN, NAME, *[bytes(100 * 1024)] * 10)
    sizes: list[int] = []

    async def fetch(start: int) -> StreamPage:
        page = await world.streams.page(RUN, NAME, start=start)
        sizes.append(sum(map(len, page.chunks)))
        return page

    async with aclosing(world.streams.read(RUN, NAME, fetch=fetch)) as chunks:
        for _ in range(10):
            await anext(chunks)
        assert len(sizes) == 1
        await anext(chunks)
        assert len(sizes) == 2
    assert max(sizes) <= 1024 * 1024


@pytest.mark.usefixtures("impatient")
async def test_a_reader_that_is_cancelled_leaves_nothing_behind(
    world: World, db: Session
) -> None:
    await world.streams.write(RUN, NAME, b"a")
    tasks = [asyncio.create_task(read_all(world)) for _ in range(3)]
    await announced(db)
    for task in tasks[:2]:
        task.cancel()
    await asyncio.gather(*tasks[:2], return_exceptions=True)
    # The third still reads.
    assert readers(db) == 1
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await announced(db, 0)
    await until(lambda: not listeners(db))
    await until(lambda: not tasks_of_readers())
    # And one that comes later begins anew.
    tasks = [asyncio.create_task(take(world, 2))]
    await announced(db)
    await world.streams.write(RUN, NAME, b"b")
    assert await tasks[0] == [(0, b"a"), (1, b"b")]


async def test_a_generator_that_is_closed_leaves_nothing_behind(
    world: World, db: Session
) -> None:
    await world.streams.write(RUN, NAME, b"a")
    async with aclosing(world.streams.read(RUN, NAME)) as chunks:
        assert (await anext(chunks)).data == b"a"
        waiting = asyncio.ensure_future(anext(chunks))
        await announced(db)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    await announced(db, 0)


async def test_closing_the_world_fails_the_readers(db: Session) -> None:
    world = World(db.dsn)
    tasks = [asyncio.create_task(read_all(world)) for _ in range(3)]
    await announced(db)
    await world.close()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(result, WorldClosed)
    assert not tasks_of_readers()
    await until(lambda: not listeners(db))
    with pytest.raises(WorldClosed):
        await read_all(world)


async def test_a_listener_that_is_cut_off_is_made_again(
    world: World, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow_pg.listener.RECONNECT_SECONDS", 0.05)
    reading = asyncio.create_task(read_all(world))
    await announced(db)
    for n in range(5):
        (pid,) = listeners(db)
        await world.streams.write(RUN, NAME, f"{n}".encode())
        assert db.value("select pg_terminate_backend(%s)", pid)
        await until(lambda pid=pid: listeners(db) not in ([], [pid]))
    await world.streams.close(RUN, NAME)
    assert await reading == [(n, f"{n}".encode()) for n in range(5)]


@pytest.mark.usefixtures("impatient")
async def test_a_reader_that_waits_outlives_all_connections(
    world: World, db: Session
) -> None:
    reading = asyncio.create_task(read_all(world))
    await announced(db)
    db.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and application_name = 'workflow-pg'"
    )
    with connect(db.dsn) as other:
        other.call("write_stream", run_id=RUN, name=NAME, chunks=[b"a"])
        other.call("close_stream", run_id=RUN, name=NAME)
    assert await reading == [(0, b"a")]


async def test_a_reader_that_may_not_announce_itself_is_told_so(dsn: str) -> None:
    with connect(dsn) as session:
        session.do("drop function workflow_pg.announce_readers")
    async with World(dsn) as world:
        readers = [asyncio.create_task(read_all(world)) for _ in range(2)]
        for reading in readers:
            with pytest.raises(psycopg.errors.UndefinedFunction):
                await reading
