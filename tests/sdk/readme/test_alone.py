"""The README on retries and namespaces, where a worker or a clock is needed alone."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from vercel.workflow import WorkflowRunFailedError, start

from tests.sdk.conftest import Working
from tests.sdk.readme.apps import basic, billing, business, retries
from tests.sdk.readme.test_steps import RETRIES
from tests.sdk.waiting import until
from tests.support import connect


async def test_a_step_is_retried_up_to_max_retries_times(
    working: Working, conn: psycopg.Connection
) -> None:
    """In one mode of the sandbox: it takes the second between attempts five times."""
    business.answers[:] = [ConnectionError("no route")] * 6
    async with working(retries.wf):
        run = await start(retries.renew_subscription, "cus_123")
        with pytest.raises(WorkflowRunFailedError) as failure:
            await run.return_value()
    assert "failed after 5 retries: ConnectionError: no route" in str(failure.value)
    assert business.http.calls == 6
    assert conn.execute("select attempt from workflow_pg.steps").fetchall() == [(6,)]


async def test_a_step_that_is_told_to_wait_is_not_retried_before(
    working: Working, dsn: str
) -> None:
    business.answers[:] = [429]
    with connect(dsn) as session:
        async with working(retries.wf):
            run = await start(retries.renew_subscription, "cus_123")
            await until(lambda: session.rows(RETRIES, run.run_id))
            (retry,) = session.rows(RETRIES, run.run_id)
            waits = retry["due_at"] - retry["created_at"]
            assert timedelta(seconds=9) < waits <= timedelta(seconds=10)
            assert business.http.calls == 1
            session.set_clock(timedelta(seconds=10))
            assert await run.return_value() == "charged"
            assert business.http.calls == 2


async def test_a_worker_without_the_namespace_leaves_its_runs_alone(
    working: Working, conn: psycopg.Connection
) -> None:
    run = await start(billing.bill, "bill:2", 100)
    async with working(basic.wf):
        other = await start(basic.renew_subscription, "cus_123")
        query = "select from workflow_pg.waits where run_id = %s"
        await until(lambda: conn.execute(query, [other.run_id]).fetchall())
        assert await run.status() == "pending"
    why = conn.execute("select sentence from workflow_pg.why(%s)", [run.run_id])
    assert "no live worker serves" in str(why.fetchall())
