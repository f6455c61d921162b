"""Cancellable steps: the workflow cancels its task, and the body hears of it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import LiteralString

import psycopg
import pytest
from vercel.workflow import start

from tests.sdk.apps import cancelling
from tests.sdk.conftest import Working
from tests.sdk.test_runs import count, queue_is_empty
from tests.sdk.waiting import until
from workflow_pg.sdk.world import PostgresWorld

READERS: LiteralString = "workflow_pg_private.stream_readers"


@pytest.fixture(autouse=True)
def clean() -> None:
    """Forget what other tests counted."""
    cancelling.began.clear()
    cancelling.told.clear()
    cancelling.gates.clear()


@pytest.fixture
def steps(working: Working) -> Working:
    """`async with steps():` runs a worker for the app of this file."""
    return partial(working, cancelling.wf)


def logged(conn: psycopg.Connection, run_id: str) -> list[str]:
    """The types of the events of a run."""
    rows = conn.execute(
        "select event_type::text from workflow_pg.events"
        " where run_id = %s order by seq",
        [run_id],
    )
    return [kind for (kind,) in rows]


async def test_a_running_step_is_cancelled_with_its_reason(
    steps: Working, conn: psycopg.Connection
) -> None:
    async with steps():
        run = await start(cancelling.cancelled, "a", "too slow")
        assert await run.return_value() == "cancelled: too slow"
        await queue_is_empty(conn)
    assert (cancelling.began["a"], cancelling.told["a"]) == (1, ["too slow"])
    log = logged(conn, run.run_id)
    since = log[log.index("wait_completed") + 1 :]
    # The step is told before the hook is recorded, so it may fail before that.
    assert [kind for kind in since if kind != "step_failed"] == [
        *("hook_created", "hook_received", "run_completed"),
    ]
    assert since.count("step_failed") == 1
    hooks = conn.execute(
        "select is_system, is_webhook, status::text, token like 'abrt\\_%'"
        "  from workflow_pg.hooks"
    ).fetchall()
    assert hooks == [(True, False, "disposed", True)]
    streams = conn.execute(
        "select name like 'strm\\_%\\_system\\_abort', chunk_count,"
        "       closed_at is not null from workflow_pg.streams"
    ).fetchall()
    assert streams == [(True, 1, True)]


async def test_a_step_has_some_time(steps: Working) -> None:
    async with steps():
        run = await start(cancelling.timed_out, "a")
        assert await run.return_value() == "too late"
    assert len(cancelling.told["a"]) == 1


async def test_a_cancelled_step_has_the_last_word(steps: Working) -> None:
    async with steps():
        run = await start(cancelling.cleaned, "a")
        assert await run.return_value() == "cleaned up"


async def test_a_step_that_nobody_cancels_leaves_no_reader(
    steps: Working, conn: psycopg.Connection
) -> None:
    cancelling.gates["a"] = asyncio.Event()
    async with steps():
        run = await start(cancelling.not_cancelled, "a")
        await until(lambda: count(conn, READERS) == 1)
        cancelling.gates["a"].set()
        assert await run.return_value() == "a passed in attempt 1"
        await until(lambda: count(conn, READERS) == 0)
    assert count(conn, "workflow_pg.hooks") == 0


async def test_a_step_that_is_done_cannot_be_cancelled(steps: Working) -> None:
    async with steps():
        run = await start(cancelling.cancelled_too_late, 7)
        assert await run.return_value() == 7


async def test_a_step_that_begins_after_it_was_cancelled_ends_at_once(
    steps: Working, conn: psycopg.Connection
) -> None:
    run = await start(cancelling.cancelled, "a", "before it began")
    # Replays only, so the step waits for another worker.
    async with steps() as worker:
        worker.steps.clear()
        await until(lambda: "hook_received" in logged(conn, run.run_id))
    assert cancelling.began["a"] == 0
    async with steps():
        assert await run.return_value() == "cancelled: before it began"
    assert cancelling.told["a"] == ["before it began"]


async def test_a_cancelled_step_whose_worker_has_gone_is_cancelled_by_the_next(
    steps: Working, conn: psycopg.Connection
) -> None:
    run = await start(cancelling.cancelled, "a", "still")
    async with steps(grace=0):
        await until(lambda: cancelling.began["a"])
    assert cancelling.told["a"] == [""]  # by its worker, which gave the step back
    async with steps():
        assert await run.return_value() == "cancelled: still"
    assert cancelling.told["a"][1:] == ["still"]


async def test_a_cancellation_that_nobody_waits_for_is_sent(
    steps: Working, conn: psycopg.Connection
) -> None:
    async with steps():
        run = await start(cancelling.abandoned, "a")
        assert await run.return_value() == "ended"
        await until(lambda: cancelling.told["a"])
        await queue_is_empty(conn)
    assert cancelling.told["a"] == ["not needed any more"]


async def test_a_cancellation_that_is_recorded_twice_is_one(
    steps: Working, conn: psycopg.Connection
) -> None:
    """As by a replay that went on after its lease had ended."""
    async with steps() as worker:
        worker.steps.clear()
        run = await start(cancelling.cancelled, "a", "twice")
        await until(lambda: "hook_received" in logged(conn, run.run_id))
    conn.execute(
        "select from workflow_pg.hooks as h,"
        " workflow_pg.receive_hook(h.run_id, h.hook_id, 'x')"
    )
    assert logged(conn, run.run_id).count("hook_received") == 2
    async with steps():
        assert await run.return_value() == "cancelled: twice"


async def test_a_terminated_run_leaves_its_step_alone(
    steps: Working, conn: psycopg.Connection
) -> None:
    cancelling.gates["a"] = asyncio.Event()
    async with steps():
        run = await start(cancelling.not_cancelled, "a")
        await until(lambda: cancelling.began["a"])
        await run.terminate()
        cancelling.gates["a"].set()
        await queue_is_empty(conn)
    assert logged(conn, run.run_id)[-1] == "step_completed"


async def test_fifty_cancellable_steps_do_not_need_fifty_connections(
    steps: Working, world: PostgresWorld, conn: psycopg.Connection
) -> None:
    cancelling.gates["many"] = asyncio.Event()
    async with steps(concurrency=60):
        run = await start(cancelling.many, 50)
        # The step with the gate is cancellable too.
        await until(lambda: count(conn, READERS) == 51)
        row = conn.execute(
            "select count(*),"
            "       count(*) filter (where query like 'listen workflow_pg_streams;%')"
            "  from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        ).fetchone()
        assert row is not None
        # The pool, the keeper's, and one for each channel.
        assert row[0] <= world.max_size + 3
        assert row[1] == 1
        cancelling.gates["many"].set()
        assert await run.return_value() == 50
        await until(lambda: count(conn, READERS) == 0)
    assert sum(cancelling.began.values()) == 51


async def test_cancellation_needs_no_notification(
    steps: Working, world: PostgresWorld
) -> None:
    world.listen_dsn = "host=127.0.0.1 port=1"
    async with steps():
        run = await start(cancelling.cancelled, "a", "polled")
        assert await run.return_value() == "cancelled: polled"
