"""A sample of the SDK behind pgbouncer; `make test-pgbouncer` runs all of it there."""

from __future__ import annotations

import psycopg
import pytest
from vercel.workflow import start

from tests.pooler import Pooler
from tests.sdk.apps import shop, streaming
from tests.sdk.conftest import Working
from tests.sdk.test_runs import resume
from tests.sdk.test_use_connection import ids
from workflow_pg.sdk import start_once, use_connection


@pytest.fixture
def dsn(direct_dsn: str, pooler: Pooler) -> str:
    """The address of the test's database, through the pooler."""
    return pooler.through(direct_dsn)


async def test_the_pooler_gives_one_session_to_many(dsn: str) -> None:
    """What the other tests rest on: no session belongs to a client."""
    async with (
        await psycopg.AsyncConnection.connect(dsn, autocommit=True) as one,
        await psycopg.AsyncConnection.connect(dsn, autocommit=True) as other,
    ):
        await one.execute("set work_mem = '1234kB'")
        row = await (await other.execute("show work_mem")).fetchone()
        assert row == ("1234kB",)


async def test_workflows_of_two_workers(working: Working) -> None:
    async with working(), working():
        runs = [await start(shop.fan_out, 10) for _ in range(5)]
        assert [await run.return_value() for run in runs] == [45] * 5
        retried, nap = await start(shop.retried), await start(shop.nap, 1)
        assert await retried.return_value() == 3
        await nap.return_value()


async def test_hooks_and_children(working: Working) -> None:
    async with working():
        listening = await start(shop.listen, "letters", 2)
        await resume("letters", "a")
        await resume("letters", "b")
        assert await listening.return_value() == ["a", "b"]
        assert await (await start(shop.parent, 4)).return_value() == 8


async def test_a_reader_of_a_stream(working: Working) -> None:
    async with working(streaming.wf):
        run = await start(streaming.analyze, document="to be or not to be")
        words = [chunk async for chunk in run.readable()]
        assert words == ["to", "be", "or", "not", "to", "be"]


async def test_a_callers_transaction(
    working: Working, dsn: str, conn: psycopg.Connection
) -> None:
    async with working():
        async with await psycopg.AsyncConnection.connect(
            dsn, prepare_threshold=None
        ) as own:
            with use_connection(own):
                runs = [await start(shop.one_step, 1, number) for number in range(10)]
                once = await start_once(shop.one_step, 1, 1, key="one")
            assert ids(conn) == set()
            await own.commit()
        assert [await run.return_value() for run in runs] == list(range(1, 11))
        assert await once.return_value() == 2
