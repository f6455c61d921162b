"""Two processes write one stream while connections are cut and readers come and go.

Every reader gets each chunk once, in one order, whatever becomes of it meanwhile.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import random
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, aclosing, contextmanager

import psycopg
import pytest

from tests.chaos.writer import RUN, STREAM
from tests.sdk.waiting import until
from workflow_pg import World, errors
from workflow_pg.sdk.world import PostgresWorld

CHUNKS = 300
WRITERS = ("left", "right")
READERS = 6
CUTS = 5


@contextmanager
def writing(dsn: str, name: str) -> Generator[subprocess.Popen[bytes]]:
    """A process that writes, and is gone after the block."""
    command = [sys.executable, "-m", "tests.chaos.writer", dsn, name, str(CHUNKS)]
    process = subprocess.Popen(command)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def follow(world: World, seed: int) -> list[bytes]:
    """All of the stream, read by one that leaves and comes back at random."""
    choose = random.Random(seed)
    got: list[bytes] = []
    while True:
        left = choose.choice((1, 5, 40, 10_000))
        try:
            # It leaves after so many chunks, or at some moment of its waiting.
            async with asyncio.timeout(choose.choice((0.01, 0.1, 30))):
                reading = world.streams.read(RUN, STREAM, start=len(got))
                async with aclosing(reading) as chunks:
                    async for chunk in chunks:
                        assert chunk.index == len(got)
                        got.append(chunk.data)
                        left -= 1
                        if left == 0:
                            break
                    else:
                        return got
        except TimeoutError:
            pass
        except Exception as error:
            if not errors.is_transient(error):
                raise


async def follow_as_the_sdk_does(world: PostgresWorld, seed: int) -> list[bytes]:
    """All of the stream, by a reader that outlives every cut."""
    return [chunk async for chunk in world.streams_get(RUN, STREAM, seed)]


async def cut(conn: psycopg.Connection, done: asyncio.Event, cuts: list[int]) -> None:
    """End the listening connection again and again, and now and then all others."""
    while not done.is_set():
        rows = conn.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
            "   and (query like 'listen workflow_pg_streams;%%' or %s)",
            [len(cuts) % 3 == 2],
        ).fetchall()
        if rows:
            cuts.append(len(rows))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await done.wait()


async def test_every_reader_gets_each_chunk_once_in_one_order(
    dsn: str, conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow_pg.listener.RECONNECT_SECONDS", 0.05)
    seed = random.randrange(1000)
    print(f"seed {seed}")
    done = asyncio.Event()
    cuts: list[int] = []
    async with World(dsn) as world:
        sdk_world = PostgresWorld(dsn)
        readers = [asyncio.create_task(follow(world, seed + n)) for n in range(READERS)]
        readers += [
            asyncio.create_task(follow_as_the_sdk_does(sdk_world, 0)) for _ in range(2)
        ]
        with ExitStack() as stack:
            writers = [stack.enter_context(writing(dsn, name)) for name in WRITERS]
            query = "select count(*) from workflow_pg_private.stream_writers"
            await until(lambda: conn.execute(query).fetchone() == (len(WRITERS),))
            cutting = asyncio.create_task(cut(conn, done, cuts))
            await until(lambda: all(w.poll() is not None for w in writers), seconds=90)
            assert [writer.returncode for writer in writers] == [0, 0]
        await until(lambda: len(cuts) >= CUTS)
        await sdk_world.streams_close(RUN, STREAM)
        first, *others = await asyncio.gather(*readers)
        done.set()
        await cutting
        await sdk_world.worlds.close()
    assert all(other == first for other in others)
    assert len(first) == CHUNKS * len(WRITERS)
    by_writer = collections.defaultdict[str, list[int]](list)
    for chunk in first:
        name, _, number = chunk.decode().partition(":")
        by_writer[name].append(int(number))
    assert by_writer == {name: [*range(CHUNKS)] for name in WRITERS}
