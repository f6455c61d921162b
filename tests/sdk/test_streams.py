"""Streams of the official SDK on our World: everything its README shows, and more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Any

import psycopg
import pytest
from vercel.workflow import (
    TypeValidationError,
    WorkflowRunFailedError,
    get_run,
    read_stream,
    start,
)

from tests.sdk.apps import streaming
from tests.sdk.apps.streaming import Token
from tests.sdk.conftest import Working
from tests.sdk.proxy import Cut, Proxy
from tests.sdk.waiting import until
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.errors import Refused
from workflow_pg.sdk.world import PostgresWorld

WORDS = "to be or not to be"


@pytest.fixture(autouse=True)
def clean() -> None:
    """Forget what other tests counted."""
    streaming.ran.clear()
    streaming.gates.clear()


@pytest.fixture
def streams(working: Working) -> Working:
    """`async with streams():` runs a worker for the app of this file."""
    return partial(working, streaming.wf)


async def test_a_client_reads_what_a_step_streams(streams: Working) -> None:
    async with streams():
        run = await start(streaming.analyze, document=WORDS)
        assert [chunk async for chunk in run.readable()] == WORDS.split()
        assert await run.return_value() == "tobeornottobe"


async def test_a_client_reads_while_the_step_still_writes(streams: Working) -> None:
    streaming.gates.update({f"slow{n}": asyncio.Event() for n in range(3)})
    async with streams():
        run = await start(streaming.gated, "slow", 3)
        async with aclosing(run.readable()) as chunks:
            for n in range(3):
                streaming.gates[f"slow{n}"].set()
                assert await anext(chunks) == n
            assert [chunk async for chunk in chunks] == []


async def test_a_client_reads_before_there_is_a_worker(streams: Working) -> None:
    run = await start(streaming.analyze, document=WORDS)
    reading = asyncio.create_task(everything(run))
    async with streams():
        assert await reading == WORDS.split()


async def test_a_body_passes_its_stream_to_a_step(streams: Working) -> None:
    async with streams():
        run = await start(streaming.analyze_passing, document=WORDS)
        assert await everything(run) == ["starting", *WORDS.split()]
        assert await run.return_value() == "passed"


async def test_a_body_may_not_write(streams: Working) -> None:
    async with streams():
        run = await start(streaming.write_in_the_body)
        with pytest.raises(WorkflowRunFailedError, match="cannot write to stream"):
            await run.return_value()


@pytest.mark.parametrize("passing", [False, True], ids=["opened", "passed"])
async def test_a_stream_carries_a_type(streams: Working, *, passing: bool) -> None:
    async with streams():
        run = await start(streaming.analyze_typed, document=WORDS, passing=passing)
        tokens = [token async for token in run.readable(type=Token)]
        assert tokens == [
            Token(text=text, index=index) for index, text in enumerate(WORDS.split())
        ]
        with pytest.raises(TypeValidationError):
            await anext(run.readable(type=int))
        assert (await everything(run))[0] == {"text": "to", "index": 0}


async def test_a_namespace_is_a_stream_of_its_own(streams: Working) -> None:
    async with streams():
        run = await start(streaming.with_logs)
        assert (await run.stream_info(namespace="never")).tail_index == -1
        lines = [line async for line in run.readable(namespace="logs")]
        assert lines == ["line 0", "line 1", "line 2"]
        assert await everything(run) == [0, 1, 2]
        await run.return_value()
        info = await run.stream_info(namespace="logs")
        assert (info.tail_index, info.done) == (2, True)
        info = await run.stream_info(namespace="never")
        assert (info.tail_index, info.done) == (-1, False)
        names = await run.list_streams()
        ulid = run.run_id.removeprefix("wrun_")
        assert sorted(names) == [f"strm_{ulid}_user", f"strm_{ulid}_user_bG9ncw"]
        by_name = read_stream(run.run_id, names[0])
        assert len([chunk async for chunk in by_name]) == 3


async def test_bytes_are_a_body(streams: Working) -> None:
    async with streams():
        run = await start(streaming.body, 300)
        chunks = [chunk async for chunk in run.readable_bytes()]
    assert chunks == [bytes([n % 256]) * n for n in range(300)]


async def test_a_reader_goes_on_from_an_index(streams: Working) -> None:
    words = WORDS.split()
    async with streams():
        run = await start(streaming.analyze, document=WORDS)
        await run.return_value()
        for start_index in range(len(words) + 2):
            assert await everything(run, start_index) == words[start_index:]
        for back in (1, 3, 6, 7, 100):
            assert await everything(run, -back) == words[-back:]


async def test_a_reader_that_left_goes_on_where_it_was(streams: Working) -> None:
    streaming.gates.update({f"left{n}": asyncio.Event() for n in range(4)})
    async with streams():
        run = await start(streaming.gated, "left", 4)
        got: list[int] = []
        for n in range(4):
            async with aclosing(run.readable(start_index=len(got))) as chunks:
                waiting = asyncio.ensure_future(anext(chunks))
                streaming.gates[f"left{n}"].set()
                got.append(await waiting)
        assert got == [0, 1, 2, 3]


async def test_a_retried_step_streams_again(streams: Working) -> None:
    async with streams():
        run = await start(streaming.restreamed)
        assert await everything(run) == [
            f"attempt {attempt}, chunk {n}" for attempt in (1, 2) for n in range(2)
        ]
        assert await run.return_value() == 2


async def test_a_step_that_begins_again_after_it_closed_its_stream_succeeds(
    streams: Working, caplog: pytest.LogCaptureFixture
) -> None:
    async with streams():
        run = await start(streaming.closed_before_it_is_retried)
        assert await run.return_value() == 2
        assert await everything(run) == ["one", "two"]
    assert streaming.ran["close_and_fail"] == 2
    assert "is closed: 2 chunks are ignored" in caplog.text


async def test_a_chunk_that_is_too_large_fails_the_step_by_name(
    streams: Working,
) -> None:
    async with streams():
        run = await start(streaming.too_much)
        with pytest.raises(
            WorkflowRunFailedError, match="at most 16777216 are allowed"
        ):
            await run.return_value()
    assert streaming.ran["write_too_much"] == 1


async def test_steps_that_write_at_once_lose_and_double_nothing(
    streams: Working, conn: psycopg.Connection
) -> None:
    async with streams():
        run = await start(streaming.many, 400, 5)
        chunks = await everything(run)
    assert sorted(chunks) == sorted([*range(400)] * 5)
    # A row for each write that was ever under way at once, not for each write.
    row = conn.execute(
        "select count(*) from workflow_pg_private.stream_writers"
    ).fetchone()
    assert row is not None
    assert 1 <= row[0] <= 5


async def test_a_step_that_reads_another_run_gives_its_slot_to_it(
    streams: Working,
) -> None:
    async with streams(concurrency=1):
        runs = [await start(streaming.follow_child, WORDS) for _ in range(3)]
        for run in runs:
            assert await run.return_value() == WORDS.split()


async def test_a_step_that_reads_its_own_run_gives_its_slot_to_the_writer(
    streams: Working,
) -> None:
    async with streams(concurrency=1):
        run = await start(streaming.follow_itself, WORDS)
        assert await run.return_value() == WORDS.split()
    assert streaming.ran["read_own"] == 1


async def everything(run: Any, start_index: int | None = None) -> list[Any]:
    """All chunks of a run's stream, once it is closed."""
    return [chunk async for chunk in run.readable(start_index=start_index)]


async def test_pages_and_cursors(world: PostgresWorld) -> None:
    chunks = [f"{n}".encode() for n in range(250)]
    await world.streams_write_multi("wrun_x", "s", chunks)
    got: list[tuple[int, bytes]] = []
    cursor: str | None = None
    sizes: list[int] = []
    while True:
        page = await world.streams_get_chunks("wrun_x", "s", cursor=cursor)
        got += [(chunk.index, chunk.data) for chunk in page.data]
        sizes.append(len(page.data))
        assert not page.done
        if not page.has_more:
            assert page.cursor is None
            break
        cursor = page.cursor
        assert cursor is not None
    assert (sizes, got) == ([100, 100, 50], list(enumerate(chunks)))
    await world.streams_close("wrun_x", "s")
    page = await world.streams_get_chunks("wrun_x", "s", limit=5)
    assert (page.done, page.has_more, len(page.data)) == (True, True, 5)
    page = await world.streams_get_chunks("wrun_x", "s", limit=5000, cursor="junk")
    assert (page.has_more, len(page.data)) == (False, 250)
    with pytest.raises(Refused, match="limit 0 is out of range"):
        await world.streams_get_chunks("wrun_x", "s", limit=0)


async def test_a_stream_needs_no_run(
    world: PostgresWorld, conn: psycopg.Connection
) -> None:
    name = "__health_check__01ARZ3NDEKTSV4RRFFQ69G5FAV"
    run_id = "wrun_hc_01ARZ3NDEKTSV4RRFFQ69G5FAV"
    await world.streams_write_multi(run_id, name, [])
    assert await world.streams_list(run_id) == []
    await world.streams_write(run_id, name, b'{"healthy": true}')
    await world.streams_close(run_id, name)
    await world.streams_close(run_id, name)
    assert await world.streams_list(run_id) == [name]
    chunks = [chunk async for chunk in world.streams_get(run_id, name)]
    assert chunks == [b'{"healthy": true}']
    info = await world.streams_get_info(run_id, name)
    assert (info.tail_index, info.done) == (0, True)
    assert conn.execute("select from workflow_pg.runs").fetchall() == []


async def test_empty_chunks_hold_an_index_and_are_not_yielded(
    world: PostgresWorld,
) -> None:
    await world.streams_write_multi("wrun_x", "s", [b"a", b"", b"c"])
    await world.streams_close("wrun_x", "s")
    assert [chunk async for chunk in world.streams_get("wrun_x", "s")] == [b"a", b"c"]
    assert [c async for c in world.streams_get("wrun_x", "s", -1)] == [b"c"]
    page = await world.streams_get_chunks("wrun_x", "s")
    assert [(c.index, c.data) for c in page.data] == [(0, b"a"), (1, b""), (2, b"c")]


async def test_more_than_one_write_may_carry_becomes_several(
    world: PostgresWorld,
) -> None:
    mib = 1024 * 1024
    chunks = [b"x"] * 2500 + [bytes(10 * mib), b"y", bytes(10 * mib)]
    await world.streams_write_multi("wrun_x", "s", chunks)
    assert (await world.streams_get_info("wrun_x", "s")).tail_index == 2502
    await world.streams_close("wrun_x", "s")
    sizes = [len(c) async for c in world.streams_get("wrun_x", "s", -4)]
    assert sizes == [1, 10 * mib, 1, 10 * mib]


async def test_every_stream_of_a_run_is_listed(
    world: PostgresWorld, conn: psycopg.Connection
) -> None:
    names = [f"{n:04d}" for n in range(1003, 0, -1)]
    for name in names:
        conn.execute(
            "select from workflow_pg.write_stream('wrun_x', %s, array['x'::bytea])",
            [name],
        )
    assert await world.streams_list("wrun_x") == names


@pytest.fixture
async def wire(dsn: str) -> AsyncIterator[tuple[Proxy, PostgresWorld]]:
    """A World whose connections lead through a proxy, but for its notifications."""
    proxy = Proxy(dsn)
    async with proxy.open() as through:
        world = PostgresWorld(through, prepare_threshold=None, listen_dsn=dsn)
        before = sdk.get_world()
        sdk.set_world(world)
        try:
            yield proxy, world
        finally:
            await world.worlds.close()
            sdk.set_world(before)


@pytest.mark.parametrize("at_reply", [False, True], ids=["before commit", "after"])
@pytest.mark.parametrize("count", [1, 3])
async def test_a_write_whose_connection_is_cut_is_made_once(
    wire: tuple[Proxy, PostgresWorld], count: int, *, at_reply: bool
) -> None:
    proxy, world = wire
    await world.streams_write("wrun_x", "s", b"before")
    proxy.cut = Cut(b"workflow_pg.write_stream(", at_reply)
    chunks = [f"{n}".encode() for n in range(count)]
    await world.streams_write_multi("wrun_x", "s", chunks)
    await world.streams_write("wrun_x", "s", b"after")
    assert proxy.cut.is_done
    page = await world.streams_get_chunks("wrun_x", "s")
    assert [chunk.data for chunk in page.data] == [b"before", *chunks, b"after"]


async def test_a_reader_whose_connection_is_cut_loses_and_doubles_nothing(
    wire: tuple[Proxy, PostgresWorld],
) -> None:
    proxy, world = wire
    await world.streams_write_multi("wrun_x", "s", [b"0", b"1", b"2"])
    got: list[bytes] = []
    async with aclosing(world.streams_get("wrun_x", "s", -2)) as chunks:
        for n in range(1, 6):
            got.append(await anext(chunks))
            proxy.cut = Cut(b"workflow_pg.read_stream(", at_reply=n % 2 == 0)
            await world.streams_write("wrun_x", "s", f"{n + 2}".encode())
    assert got == [b"1", b"2", b"3", b"4", b"5"]


async def test_readers_of_one_process_share_a_listening_connection(
    world: PostgresWorld, conn: psycopg.Connection
) -> None:
    names = [f"s{n}" for n in range(50)]
    readers = [
        asyncio.ensure_future(anext(world.streams_get("wrun_x", name)))
        for name in names
    ]
    query = (
        "select count(*) filter (where query like 'listen workflow_pg_streams;%'),"
        "       (select count(*) from workflow_pg_private.stream_readers)"
        "  from pg_stat_activity where datname = current_database()"
    )
    await until(lambda: conn.execute(query).fetchone() == (1, 50))
    for name in names:
        await world.streams_write("wrun_x", name, name.encode())
    chunks = await asyncio.gather(*readers)
    assert [chunk.decode() for chunk in chunks] == names


async def test_a_run_that_is_over_is_still_read(streams: Working) -> None:
    async with streams():
        run = await start(streaming.analyze, document=WORDS)
        await run.return_value()
    again = get_run(run.run_id)
    assert await everything(again) == WORDS.split()
