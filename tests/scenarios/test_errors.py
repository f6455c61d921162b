"""What goes wrong, where it is caught, and what is told of it."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest
from vercel.workflow import FatalError, RemoteError, RetryableError, Workflows, start

from tests.crew import Crew, at_work
from tests.scenarios.apps import errors
from tests.sdk.waiting import until
from workflow_pg.cli import main

pytestmark = pytest.mark.asyncio(loop_scope="module")

REGISTRIES = [errors.wf]


def stack(error: BaseException | None) -> str:
    """The traceback of where an error was raised."""
    return vars(error)["stack"]


async def test_an_error_of_the_body_keeps_its_frames(crew: Crew) -> None:
    failure = await crew.failure(await start(errors.nested))
    assert failure.error_code == "USER_ERROR"
    assert isinstance(failure.error, ValueError)
    assert str(failure.error) == "at the bottom"
    for frame in ("in nested", "in outer", "in middle", "in inner", "errors.py"):
        assert frame in stack(failure.error)


async def test_an_error_of_a_helper_keeps_its_frames(crew: Crew) -> None:
    failure = await crew.failure(await start(errors.across_files))
    assert str(failure.error) == "broken in the body"
    for frame in ("helper.py", "in break_in_a_helper", "in really_break"):
        assert frame in stack(failure.error)


@pytest.mark.parametrize(
    ("where", "sentence", "frames"),
    [
        ("here", "broken", ["errors.py", "in break_once"]),
        (
            "elsewhere",
            "broken in a step",
            ["helper.py", "in break_in_a_helper", "in really_break"],
        ),
    ],
)
async def test_an_error_of_a_step_is_caught_and_kept(
    crew: Crew,
    capsys: pytest.CaptureFixture[str],
    where: str,
    sentence: str,
    frames: list[str],
) -> None:
    run = await start(errors.caught, where)
    told, kind, cause, trace = await crew.result(run)
    assert told.endswith(f"failed after 0 retries: ValueError: {sentence}")
    assert (kind, cause) == ("ValueError", sentence)
    assert [frame for frame in frames if frame not in trace] == []
    (step,) = crew.steps(run)
    assert (step["status"], step["attempt"]) == ("failed", 1)
    words = ["events", run.run_id, "--json", "--dsn", crew.session.dsn]
    assert await asyncio.to_thread(main, words) == 0
    assert sentence in printed_payloads(capsys.readouterr().out)


def printed_payloads(text: str) -> str:
    """The payloads that a command printed as JSON."""
    events: list[dict[str, Any]] = json.loads(text)
    return "\n".join(
        base64.b64decode(event["payload"]).decode(errors="replace")
        for event in events
        if event["payload"]
    )


async def test_an_ordinary_error_is_retried(crew: Crew) -> None:
    run = await start(errors.third_time)
    assert await crew.result(run) == 3
    (step,) = crew.steps(run)
    assert (step["status"], step["attempt"]) == ("completed", 3)
    texts = crew.session.rows(
        "select convert_from(payload, 'UTF8') as text from workflow_pg.events"
        " where run_id = %s and event_type = 'step_retrying' order by seq",
        run.run_id,
    )
    assert len(texts) == 2
    for attempt, row in enumerate(texts, 1):
        assert f"attempt {attempt}" in row["text"]


async def test_a_fatal_error_is_not(crew: Crew) -> None:
    run = await start(errors.fatal, catch=False)
    failure = await crew.failure(run)
    assert failure.error_code == "USER_ERROR"
    (step,) = crew.steps(run)
    assert (step["status"], step["attempt"]) == ("failed", 1)


async def test_a_body_catches_a_fatal_error_with_its_cause(crew: Crew) -> None:
    caught = await crew.result(await start(errors.fatal, catch=True))
    assert caught[:3] == [True, True, "cannot charge"]
    assert caught[3].startswith("TypeError(")


async def test_a_client_gets_the_error_of_the_body_with_its_cause(crew: Crew) -> None:
    run = await start(errors.fatal_in_the_body)
    failure = await crew.failure(run)
    assert (failure.run_id, failure.error_code) == (run.run_id, "USER_ERROR")
    assert type(failure.__cause__) is FatalError
    assert type(failure.__cause__.__cause__) is ValueError
    assert "invalid literal" in str(failure.__cause__.__cause__)


async def test_a_step_is_not_begun_before_its_time_though_it_is_delivered(
    crew: Crew,
) -> None:
    run = await start(errors.wait_a_second)
    await crew.reaches(run, "step_retrying")
    crew.session.do(
        "update workflow_pg_private.messages set due_at = '-infinity'"
        " where run_id = %s and kind = 'step'",
        run.run_id,
    )
    assert await crew.result(run) == 2
    (again,) = crew.session.rows(
        "select s.created_at, (r.facts ->> 'retryAfter')::timestamptz as due_at"
        "  from workflow_pg.events as r join workflow_pg.events as s using (run_id)"
        " where run_id = %s and r.event_type = 'step_retrying'"
        "   and s.event_type = 'step_started' and s.seq > r.seq",
        run.run_id,
    )
    assert again["created_at"] >= again["due_at"]


async def test_exhausted_retries_name_the_step_and_the_last_error(crew: Crew) -> None:
    told, cause, went_on = await crew.result(await start(errors.exhausted))
    assert "errors//never' failed after 1 retry: ConnectionError: no route" in told
    assert cause == "ConnectionError('no route')"
    assert went_on == "went on"


async def test_attributes_of_an_error_travel_when_its_class_is_registered(
    crew: Crew,
) -> None:
    assert await crew.result(await start(errors.attributes, in_step=True)) == ["hat", 2]
    failure = await crew.failure(await start(errors.attributes, in_step=False))
    # The SDK writes the error of a body outside the sandbox that knows its class.
    assert isinstance(failure.error, RemoteError)
    assert (failure.error.name, str(failure.error)) == (
        "OutOfStock",
        "OutOfStock: 1 of hat are left",
    )


async def test_errors_are_values(crew: Crew) -> None:
    caused = ValueError("effect")
    caused.__cause__ = LookupError("cause")
    sent: list[Exception] = [
        FatalError("fatal"),
        RetryableError("later", retry_after=60),
        *(kind("text") for kind in (TypeError, ValueError, OSError, Exception)),
        caused,
    ]
    got = await crew.result(await start(errors.as_values, sent))
    assert [type(error) for error in got] == [type(error) for error in sent]
    assert [str(error) for error in got] == [str(error) for error in sent]
    assert [type(error.__cause__) for error in got[-2:]] == [type(None), LookupError]
    later = sent[1]
    assert isinstance(later, RetryableError)
    drift = got[1].retry_at - later.retry_at
    assert abs(drift.total_seconds()) < 0.002
    # What the payload format has no class for keeps its name and its message.
    group = ExceptionGroup("several", [ValueError("one")])
    (remote,) = await crew.result(await start(errors.as_values, [group]))
    assert isinstance(remote, RemoteError)
    assert remote.name == "ExceptionGroup"


async def test_a_workflow_that_no_worker_serves_stays_and_is_named(crew: Crew) -> None:
    run = await start(errors.unserved)
    (reason,) = crew.session.call("why", run_id=run.run_id)
    assert reason["cause"] == "unserved"
    assert (
        "no live worker serves workflow//tests.scenarios.apps.errors//unserved"
        in (reason["sentence"])
    )
    assert await run.status() == "pending"
    await run.terminate()


async def test_a_step_that_no_worker_serves_waits_for_one_that_does(crew: Crew) -> None:
    run = await start(errors.call_missing)
    await crew.reaches(run, "step_created")
    query = "select cause from workflow_pg.why(%s)"
    await until(
        lambda: (
            "unserved" in {row["cause"] for row in crew.session.rows(query, run.run_id)}
        )
    )
    async with at_work(crew.session.dsn, both()):
        assert await crew.result(run) == "found"


def both() -> Workflows:
    """A registry as of a new release: it has the step that was missing."""
    registry = Workflows(as_vercel_job=False)
    for old in (errors.wf, errors.elsewhere):
        vars(registry)["_workflows"].update(vars(old)["_workflows"])
        vars(registry)["_steps"].update(vars(old)["_steps"])
    return registry


async def test_an_argument_that_cannot_be_passed_is_named_where_it_is(
    crew: Crew,
) -> None:
    run = await start(errors.unserializable_argument, catch=True)
    told, sibling = await crew.result(run)
    assert "Cannot serialize value at" in told
    assert "here" in told
    assert "Register Unknown with @serializable" in told
    assert sibling == "sibling"
    run = await start(errors.unserializable_argument, catch=False)
    failure = await crew.failure(run)
    assert failure.error_code == "USER_ERROR"
    assert crew.replays(run) == 1


@pytest.mark.parametrize("in_step", [True, False])
async def test_a_result_that_cannot_be_returned_is_named(
    crew: Crew, *, in_step: bool
) -> None:
    run = await start(errors.unserializable, in_step=in_step)
    failure = await crew.failure(run)
    assert "Register Unknown with @serializable" in str(failure)
    assert failure.error_code == "USER_ERROR"
    assert [step["attempt"] for step in crew.steps(run)] == [1] * in_step
