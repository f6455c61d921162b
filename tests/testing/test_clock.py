"""The clock of a test: sleeps that end at once, at their own moments, in order."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from vercel.workflow import start

from tests.testing import apps
from workflow_pg.models import EventType
from workflow_pg.testing import Workbench, WorkbenchError

DAY = timedelta(days=1)


async def test_a_month_passes_at_once(workflows: Workbench) -> None:
    loop = asyncio.get_running_loop()
    before, began = workflows.clock.now(), loop.time()
    run = await start(apps.nap, "A", "30 days")
    assert await workflows.result(run) == "A"
    assert workflows.clock.now() - before >= 30 * DAY
    # The loop's own clock, by which timers go, has not moved.
    assert loop.time() - began < 60
    events = await workflows.events(run)
    (created,) = [e for e in events if e.event_type is EventType.WAIT_CREATED]
    (completed,) = [e for e in events if e.event_type is EventType.WAIT_COMPLETED]
    slept = completed.created_at - created.created_at
    assert timedelta(0) <= slept - 30 * DAY < timedelta(seconds=30)


async def test_time_stops_where_it_is_told_to(workflows: Workbench) -> None:
    run = await start(apps.nap, "A", "3 days")
    await workflows.advance("2 days")
    assert apps.ran == []
    assert await run.status() == "running"
    await workflows.advance(DAY)
    assert apps.ran == ["A after 3 days"]
    assert await run.status() == "completed"


async def test_what_is_due_happens_in_its_order(workflows: Workbench) -> None:
    await start(apps.nap, "A", "1h", "1h 30m")
    await start(apps.nap, "B", "2 hours", "2 hours")
    await workflows.advance("5h")
    assert apps.ran == [
        "A after 1h",
        "B after 2 hours",
        "A after 1h 30m",
        "B after 2 hours",
    ]


async def test_a_sleep_ends_at_its_own_moment(workflows: Workbench) -> None:
    at = workflows.clock.now() + timedelta(hours=5)
    run = await start(apps.until, at.isoformat())
    await workflows.advance("2 days")
    woken = datetime.fromisoformat(await run.return_value())
    assert timedelta(0) <= woken - at < timedelta(seconds=30)


async def test_a_retry_waits_on_the_clock(workflows: Workbench) -> None:
    run = await start(apps.retried)
    await workflows.advance("9m")
    assert await workflows.attempts(run, apps.rate_limited) == 1
    await workflows.advance("1m")
    assert await workflows.attempts(run, apps.rate_limited) == 2
    assert await run.return_value() == 2


async def test_time_goes_on_by_itself(workflows: Workbench) -> None:
    run = await start(apps.nap, "A", "1s")
    assert await run.return_value() == "A"


async def test_what_is_in_hand_outlives_a_jump(workflows: Workbench) -> None:
    apps.gates["A"] = asyncio.Event()
    run = await start(apps.gated, "A")
    workflows.patience = 0.2
    with pytest.raises(AssertionError, match="pass_gate of run wrun_"):
        await workflows.settle()
    await workflows.clock.jump_to(workflows.clock.now() + DAY)
    apps.gates["A"].set()
    workflows.patience = 10
    assert await workflows.result(run) == "A passed"
    assert apps.ran == ["A"]


async def test_time_does_not_go_back(workflows: Workbench) -> None:
    before = workflows.clock.now()
    with pytest.raises(WorkbenchError, match="does not go back"):
        await workflows.advance(-DAY)
    await workflows.clock.advance_to(before - DAY)
    assert before <= workflows.clock.now() < before + DAY


@pytest.mark.parametrize("text", ["", "3", "days", "3 dayz", "1h and more", "-1 day"])
async def test_what_is_no_duration(workflows: Workbench, text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        await workflows.advance(text)


async def test_a_time_without_a_zone(workflows: Workbench) -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        await workflows.clock.advance_to(datetime(2999, 1, 1))  # noqa: DTZ001
