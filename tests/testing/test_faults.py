"""Faults that a test asks for: steps that fail, workers that die."""

from __future__ import annotations

import asyncio

import pytest
from vercel.workflow import FatalError, WorkflowRunFailedError, start

from tests.sdk.waiting import until
from tests.testing import apps
from workflow_pg.models import EventType
from workflow_pg.testing import Workbench, WorkbenchError


async def test_a_step_fails_twice_and_then_succeeds(workflows: Workbench) -> None:
    workflows.faults.fail(apps.charge, times=2)
    run = await start(apps.order, "A17")
    assert await workflows.result(run) == "receipt-A17"
    assert await workflows.attempts(run, apps.charge) == 3
    assert apps.ran == ["A17"]


async def test_a_step_fails_as_the_test_says(workflows: Workbench) -> None:
    workflows.faults.fail(apps.charge, error=FatalError("card refused"))
    run = await start(apps.order, "A17")
    with pytest.raises(WorkflowRunFailedError, match="card refused"):
        await workflows.result(run)
    assert apps.ran == []


async def test_a_step_fails_until_its_retries_are_used_up(workflows: Workbench) -> None:
    workflows.faults.fail(apps.charge, times=99, error=ConnectionError)
    run = await start(apps.order, "A17")
    with pytest.raises(WorkflowRunFailedError, match="after 3 retries: Connection"):
        await workflows.result(run)
    assert await workflows.attempts(run, apps.charge) == 4


async def test_a_worker_dies_after_the_body(workflows: Workbench) -> None:
    workflows.faults.crash_after(apps.charge)
    run = await start(apps.order, "A17")
    assert await workflows.result(run) == "receipt-A17"
    assert apps.ran == ["A17", "A17"]
    types = [event.event_type for event in await workflows.events(run)]
    assert types.count(EventType.STEP_STARTED) == 2
    assert types.count(EventType.STEP_COMPLETED) == 1


async def test_a_worker_dies_before_the_body(workflows: Workbench) -> None:
    workflows.faults.crash_before(apps.charge, times=2)
    run = await start(apps.order, "A17")
    assert await workflows.result(run) == "receipt-A17"
    assert apps.ran == ["A17"]
    assert await workflows.attempts(run, apps.charge) == 3


async def test_another_worker_takes_over_when_the_lease_ends(
    workflows: Workbench,
) -> None:
    workflows.faults.crash_after(apps.charge)
    run = await start(apps.order, "A17")
    await workflows.advance("10s")
    assert apps.ran == ["A17"]
    assert await run.status() == "running"
    await workflows.advance("5s")
    assert apps.ran == ["A17", "A17"]
    assert await run.status() == "completed"


async def test_a_failing_body_whose_worker_dies(workflows: Workbench) -> None:
    workflows.faults.crash_after(apps.rate_limited)
    run = await start(apps.retried)
    # The second attempt finds out that it is the second, and succeeds.
    assert await workflows.result(run) == 2


async def test_a_worker_dies_with_all_that_it_has_in_hand(
    workflows: Workbench,
) -> None:
    apps.gates |= {"A": asyncio.Event(), "B": asyncio.Event()}
    runs = [await start(apps.gated, name) for name in apps.gates]
    await until(lambda: len(apps.ran) == 2)
    await workflows.faults.crash_worker()
    for gate in apps.gates.values():
        gate.set()
    assert [await workflows.result(run) for run in runs] == ["A passed", "B passed"]
    assert sorted(apps.ran) == ["A", "A", "B", "B"]


async def test_what_a_dead_worker_does_is_refused(workflows: Workbench) -> None:
    apps.gates["A"] = asyncio.Event()
    run = await start(apps.gated, "A")
    await until(lambda: apps.ran)
    await workflows.faults.crash_worker()
    events = await workflows.events(run)
    assert events[-1].event_type is EventType.STEP_STARTED
    (lease,) = [r for r in await workflows.why(run) if r.cause == "leased"]
    assert "test worker 1" in lease.sentence
    await run.terminate()
    await workflows.drain()


async def test_a_step_that_is_not_there(workflows: Workbench) -> None:
    with pytest.raises(WorkbenchError, match=r"no .* has a step step//x//y: there is"):
        workflows.faults.fail("step//x//y")


async def test_no_times(workflows: Workbench) -> None:
    with pytest.raises(WorkbenchError, match="times=0: say 1 or more"):
        workflows.faults.crash_after(apps.charge, times=0)
