"""The README on workflows, steps, their retries, and queue namespaces."""

from __future__ import annotations

from datetime import timedelta

import pytest
from vercel.workflow import (
    get_run,
    get_step_metadata,
    start,
)

from tests.crew import Crew, resume, soon
from tests.sdk.readme.apps import basic, billing, business, metadata, retries

pytestmark = pytest.mark.asyncio(loop_scope="module")

REGISTRIES = [basic.wf, retries.wf, metadata.wf, billing.workflows]

RETRIES = (
    "select e.created_at, (e.facts ->> 'retryAfter')::timestamptz as due_at"
    "  from workflow_pg.events as e"
    " where e.run_id = %s and e.event_type = 'step_retrying' order by e.seq"
)


async def test_a_workflow_sleeps_an_hour_and_charges(crew: Crew) -> None:
    await basic.main()
    (row,) = crew.session.rows(
        "select run_id from workflow_pg.runs"
        " where workflow_name like '%%.basic//renew_subscription'"
        " order by created_at desc limit 1"
    )
    run = get_run(row["run_id"])
    await crew.reaches(run, "wait_created")
    (wait,) = crew.session.rows(
        "select w.resume_at - r.started_at as sleep from workflow_pg.waits w"
        "  join workflow_pg.runs as r using (run_id) where run_id = %s",
        run.run_id,
    )
    assert timedelta(hours=1) <= wait["sleep"] < timedelta(hours=1, seconds=20)
    assert business.charged == []
    crew.end_sleeps(run)
    assert await crew.ended(run) == "completed"
    assert business.charged == ["cus_123"]


async def test_a_step_can_be_called_only_from_inside_a_workflow() -> None:
    with pytest.raises(RuntimeError, match="cannot call step outside workflow"):
        await basic.charge_customer("cus_123")
    assert business.charged == []


async def test_a_fatal_error_is_not_retried(crew: Crew) -> None:
    failure = await crew.failure(await start(retries.renew_subscription, ""))
    assert str(failure.error) == "no customer"
    assert business.http.calls == 0


async def test_retry_after_is_spelled_as_a_sleep_is(crew: Crew) -> None:
    """And is a second when it is not said."""
    spelled = {"default": 1.0, "text": 1.0} | dict.fromkeys(
        ("number", "timedelta", "datetime"), 1.5
    )
    runs = [await start(retries.limited, spelling) for spelling in spelled]
    for run, seconds in zip(runs, spelled.values(), strict=True):
        # How often a step is tried is no matter of the error.
        assert "failed after 1 retry: " in await crew.result(run)
        (retry,) = crew.session.rows(RETRIES, run.run_id)
        waits = (retry["due_at"] - retry["created_at"]).total_seconds()
        assert seconds - 0.5 < waits < seconds + 0.002
        log = crew.session.log(run.run_id)
        again = [event for event in log if event["event_type"] == "step_started"][1]
        assert again["created_at"] >= retry["due_at"]


async def test_a_step_knows_itself_and_how_long_it_has_been_trying(crew: Crew) -> None:
    run = await start(metadata.renew_subscription, "cus_123")
    assert await crew.ended(run) == "completed"
    (step_id,) = {
        event["correlation_id"]
        for event in crew.session.log(run.run_id)
        if event["correlation_id"]
    }
    assert business.charged == [f"{run.run_id} {step_id} {n}" for n in (1, 2)]
    first, second = business.elapsed
    assert first < timedelta(seconds=1) <= second
    with pytest.raises(RuntimeError, match="only be called inside a step"):
        get_step_metadata()


async def test_a_namespace_has_a_queue_of_its_own(crew: Crew) -> None:
    run = await start(billing.bill, "bill:1", 100)
    await soon(resume, billing.Paid(cents=30), "bill:1")
    assert await crew.result(run) == 70
    queue = crew.session.value(
        "select queue_name from workflow_pg.runs where run_id = %s", run.run_id
    )
    assert queue.startswith("__billing_wkf_workflow_workflow//")
