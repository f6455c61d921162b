"""A call on the caller's own connection is a part of the caller's transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC

import psycopg
import pytest
import pytest_asyncio
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from tests.support import STEP, WORKFLOW, Session, new_run_id
from workflow_pg import Conflict, NotFound, World


@pytest_asyncio.fixture
async def own(db: Session) -> AsyncIterator[AsyncConnection[DictRow]]:
    """A connection as callers have them: with transactions, and rows of its own."""
    async with await AsyncConnection[DictRow].connect(
        db.dsn, row_factory=dict_row
    ) as own:
        await own.execute("set timezone to 'Asia/Tokyo'")
        await own.execute("set datestyle to 'German'")
        await own.commit()
        yield own


@pytest.fixture
def closed() -> World:
    """A World without a database: what works with it did not use the pool."""
    return World("host=127.0.0.1 port=1")


async def test_a_rollback_undoes_the_call(
    world: World, own: AsyncConnection[DictRow]
) -> None:
    run_id = new_run_id()
    await world.runs.create(WORKFLOW, b"in", run_id=run_id, connection=own)
    assert (await world.runs.get(run_id, connection=own)).run_id == run_id
    with pytest.raises(NotFound):
        await world.runs.get(run_id)
    await own.rollback()
    with pytest.raises(NotFound):
        await world.runs.get(run_id, connection=own)


async def test_a_commit_keeps_the_call_with_the_rest(
    closed: World, own: AsyncConnection[DictRow], db: Session
) -> None:
    await own.execute("create temporary table orders (run_id text)")
    reply = await closed.runs.create(WORKFLOW, b"in", connection=own)
    await own.execute("insert into orders values (%s)", (reply.run_id,))
    await own.commit()
    assert db.types(reply.run_id) == ["run_created"]
    cursor = await own.execute("select run_id from orders")
    assert await cursor.fetchone() == {"run_id": reply.run_id}


async def test_a_refusal_inside_a_savepoint_leaves_the_transaction(
    closed: World, own: AsyncConnection[DictRow], db: Session
) -> None:
    run_id = db.new_run()
    async with own.transaction():
        await closed.runs.complete(run_id, b"out", connection=own)
        with pytest.raises(Conflict):
            async with own.transaction():
                await closed.runs.complete(run_id, b"out", connection=own)
    assert db.types(run_id)[-1] == "run_completed"


async def test_a_refusal_without_one_aborts_the_transaction(
    closed: World, own: AsyncConnection[DictRow], db: Session
) -> None:
    run_id = db.new_run()
    await closed.steps.create(run_id, "s", STEP, b"in", connection=own)
    with db.nothing_written(), pytest.raises(Conflict):
        await closed.steps.create(run_id, "s", STEP, b"in", connection=own)
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        await closed.runs.get(run_id, connection=own)
    await own.rollback()


async def test_times_are_utc_whatever_the_session_says(
    closed: World, own: AsyncConnection[DictRow], db: Session
) -> None:
    run_id = db.new_run()
    run = await closed.runs.get(run_id, connection=own)
    expected = db.value("select created_at from workflow_pg.runs")
    assert run.created_at == expected
    assert run.created_at.tzinfo is UTC


async def test_a_connection_in_pipeline_mode(
    closed: World, own: AsyncConnection[DictRow], db: Session
) -> None:
    run_id = db.new_run()
    async with own.pipeline():
        await closed.runs.complete(run_id, b"out", connection=own)
    await own.commit()
    assert db.types(run_id)[-1] == "run_completed"
