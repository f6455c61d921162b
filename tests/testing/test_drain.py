"""Runs that are driven to their end, and what is said when they cannot be."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from vercel.workflow import WorkflowRunFailedError, get_run, start

from tests.support import connect
from tests.testing import apps
from workflow_pg.sdk import use_connection
from workflow_pg.testing import StuckError, Workbench, WorkerFailedError


async def test_drain_ends_where_people_are_asked(workflows: Workbench) -> None:
    asking = await start(apps.approval, "A17")
    done = await start(apps.nap, "B", "1h", "2h")
    await workflows.drain()
    assert await done.status() == "completed"
    assert await asking.status() == "running"
    assert [reason.cause for reason in await workflows.why(asking)] == ["hook"]
    await apps.approve("approve-A17")
    await workflows.drain()
    assert await asking.return_value() == "Grace"


async def test_result_goes_no_further_than_its_run(workflows: Workbench) -> None:
    late = await start(apps.nap, "late", "9 days")
    assert await workflows.result(await start(apps.nap, "soon", "1 day")) == "soon"
    assert await late.status() == "running"


async def test_a_run_that_waits_for_another(workflows: Workbench) -> None:
    assert await workflows.result(await start(apps.parent)) == "child"


async def test_drain_of_a_run_that_waits_for_another(workflows: Workbench) -> None:
    run = await start(apps.parent)
    await workflows.drain()
    assert await run.return_value() == "child"


async def test_a_start_in_a_transaction_of_the_test(workflows: Workbench) -> None:
    async with await psycopg.AsyncConnection.connect(workflows.dsn) as conn:
        with use_connection(conn):
            run = await start(apps.order, "A17")
        await workflows.drain()
        assert apps.ran == []
    assert await workflows.result(run) == "receipt-A17"


async def test_a_failed_run(workflows: Workbench) -> None:
    run = await start(apps.doomed)
    with pytest.raises(WorkflowRunFailedError, match="out of stock"):
        await workflows.result(run)


async def test_nothing_to_drain(workflows: Workbench) -> None:
    await workflows.drain()


async def test_a_workflow_without_an_end(workflows: Workbench) -> None:
    await start(apps.endless)
    with pytest.raises(StuckError, match=r"after 5 jumps[^\n]*\n.*sleeps until"):
        await workflows.drain(max_jumps=5)


async def test_a_result_that_people_must_help_with(workflows: Workbench) -> None:
    run = await start(apps.approval, "A17")
    with pytest.raises(StuckError, match="resumed by token 'approve-A17'"):
        await workflows.result(run)


async def test_a_workflow_that_nobody_serves(workflows: Workbench) -> None:
    with connect(workflows.dsn) as session:
        (reply,) = session.call(
            "create_run",
            run_id=None,
            workflow_name="workflow//other//app",
            input=b"[]",
            codec="json",
        )
    with pytest.raises(StuckError, match="no live worker serves workflow//other//app"):
        await workflows.drain()
    await get_run(reply["run_id"]).terminate()
    await workflows.drain()


async def test_a_step_that_does_not_end(workflows: Workbench) -> None:
    apps.gates["A"] = asyncio.Event()
    await start(apps.gated, "A")
    workflows.patience = 0.2
    with pytest.raises(StuckError, match=r"pass_gate of run wrun_.* within 0\.2 s"):
        await workflows.drain()


async def test_a_failure_of_the_worker(workflows: Workbench) -> None:
    run = await start(apps.approval, "A17")
    await workflows.settle()
    with connect(workflows.dsn) as session:
        # An empty object in CBOR, which no SDK sends.
        session.call("send_message", run_id=run.run_id, kind="custom", body=b"\xa0")
    with pytest.raises(WorkerFailedError, match="not a workflow or a step") as caught:
        await workflows.drain()
    assert caught.value.__cause__ is not None
    # Seen, and no reason for this test to fail.
    workflows.failures.clear()
    await run.terminate()
    await workflows.settle()


def test_in_a_test_that_is_not_async(workflows: Workbench) -> None:
    async def nap(name: str) -> str:
        return await workflows.result(await start(apps.nap, name, "1 day"))

    assert workflows.run(nap("A")) == "A"
    assert workflows.run(nap("B")) == "B"
