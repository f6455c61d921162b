"""Attributes of the SDK: from bodies, from steps, from outside, and at the start."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from vercel.workflow import Run, WorkflowRunFailedError, start

from tests.sdk.apps import labelling
from tests.sdk.conftest import Working
from tests.sdk.waiting import until
from tests.support import new_run_id
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.errors import AttributesRefused
from workflow_pg.sdk.world import PostgresWorld


async def done(run: Run[Any]) -> tuple[Any, dict[str, str]]:
    """What a run returns, and its attributes then."""
    return await run.return_value(), await run.attributes()


async def test_the_example_of_the_sdk(
    working: Working, conn: psycopg.Connection
) -> None:
    async with working(labelling.wf):
        run = await start(labelling.renew_subscription, "cus_123")
        assert await done(run) == (None, {"phase": "done"})
    changes = conn.execute(
        "select facts -> 'changes', facts -> 'writer', correlation_id ~ '^attr_'"
        "  from workflow_pg.events where event_type = 'attr_set' order by seq"
    ).fetchall()
    body = {"type": "workflow"}
    assert changes == [
        (
            [
                {"key": "customer", "value": "cus_123"},
                {"key": "phase", "value": "charging"},
            ],
            body,
            True,
        ),
        ([{"key": "phase", "value": "done"}], body, True),
        ([{"key": "customer", "value": None}], body, True),
    ]


async def test_parallel_steps_and_the_body_lose_nothing(working: Working) -> None:
    async with working(labelling.wf):
        run = await start(labelling.label_in_parallel, 20)
        result, attributes = await done(run)
    assert result == 20
    owners = {value for key, value in attributes.items() if key.endswith(" of")}
    assert len(owners) == 20
    assert {k: v for k, v in attributes.items() if not k.endswith(" of")} == {
        **{f"step {number}": str(number) for number in range(20)},
        **{f"body {number}": "x" for number in range(3)},
    }


async def test_attributes_survive_the_failure_of_their_run(working: Working) -> None:
    async with working(labelling.wf):
        run = await start(labelling.label_and_fail, "here")
        with pytest.raises(WorkflowRunFailedError, match="out of stock"):
            await run.return_value()
    assert await run.attributes() == {
        "before": "here",
        "step": "here",
        "step of": "nobody",
    }


async def test_a_replay_sets_nothing_again(
    working: Working, conn: psycopg.Connection
) -> None:
    async with working(labelling.wf):
        run = await start(labelling.label_and_sleep)
        assert await done(run) == ("awake", {"phase": "awake", "$mine": "yes"})
    (count,) = conn.execute(
        "select count(*) from workflow_pg.events where event_type = 'attr_set'"
    ).fetchall()
    assert count == (4,)


async def test_a_step_that_sets_too_many_is_told_so_and_goes_on(
    working: Working,
) -> None:
    async with working(labelling.wf):
        run = await start(labelling.label_too_much_in_a_step)
        result, attributes = await done(run)
    # The SDK itself counts only what is in one call.
    assert result == [
        "all set",
        "all set",
        "FatalError: Run attribute count would exceed limit: 65 > 64 ",
    ]
    assert len(attributes) == 64


async def test_a_limit_over_several_calls_is_the_worlds_to_keep(
    working: Working, world: PostgresWorld
) -> None:
    async with working(labelling.wf):
        run = await start(labelling.label_too_much_in_the_body)
        with pytest.raises(WorkflowRunFailedError, match="80 attributes: at most 64"):
            await run.return_value()
    assert len(await run.attributes()) == 40
    with pytest.raises(sdk.EntityConflictError, match="is failed"):
        await world.events_create(run.run_id, _event({"late": "x"}))


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("k" * 257, "v", "Attribute key length 257 exceeds limit 256"),
        ("k", "ä" * 129, "Attribute value byte length 258 exceeds limit 256"),
        ("$k", "v", "starts with reserved prefix"),
        ("", "v", "must not be empty"),
        ("\U0001f600" * 128, "ä" * 128, "set"),
    ],
)
async def test_what_the_sdk_refuses_a_body_can_catch(
    working: Working, key: str, value: str, told: str
) -> None:
    async with working(labelling.wf):
        run = await start(labelling.label_wrongly, key, value)
        result, attributes = await done(run)
    assert told in result
    assert attributes == ({key: value} if told == "set" else {})


async def test_attributes_from_outside_do_not_disturb_a_replay(
    working: Working, world: PostgresWorld
) -> None:
    async with working(labelling.wf):
        run = await start(labelling.nap, 1)
        ours = await world.worlds.get()
        await ours.runs.set_attributes(run.run_id, {"note": "early"})
        await until_attributes(run, "phase")
        await ours.runs.set_attributes(run.run_id, {"note": "late", "phase": None})
        assert await done(run) == ("awake", {"phase": "awake", "note": "late"})


async def until_attributes(run: Run[Any], key: str) -> None:
    """Wait until a run has an attribute."""
    seen: dict[str, str] = {}
    while key not in seen:
        seen = await run.attributes()


async def test_the_log_is_readable_for_the_sdk_whoever_wrote(
    world: PostgresWorld,
) -> None:
    run = await start(labelling.nap, 1)
    ours = await world.worlds.get()
    await ours.runs.set_attributes(run.run_id, {"a": "1", "b": None})
    step = sdk.AttrSetEvent.from_wire(
        {
            "eventType": "attr_set",
            "specVersion": 5,
            "eventData": {
                "changes": [{"key": "$c", "value": None}],
                "writer": {"type": "step", "stepId": "step_1", "attempt": 2},
                "allowReservedAttributes": True,
            },
        }
    )
    await world.events_create(run.run_id, step)
    _, from_outside, from_step = (await world.events_list(run.run_id)).data
    assert isinstance(from_outside, sdk.AttrSetEvent)
    assert isinstance(from_step, sdk.AttrSetEvent)
    assert from_outside.event_data.model_dump()["changes"] == [
        {"key": "a", "value": "1"},
        {"key": "b", "value": None},
    ]
    assert from_outside.correlation_id is None
    assert from_step.event_data == step.event_data
    assert from_step.spec_version == 5


def _event(attributes: dict[str, str | None], call: str | None = "attr_1") -> Any:
    changes = [{"key": key, "value": value} for key, value in attributes.items()]
    return sdk.AttrSetEvent.from_wire(
        {
            "eventType": "attr_set",
            "correlationId": call,
            "eventData": {"changes": changes, "writer": {"type": "workflow"}},
        }
    )


async def test_of_two_replays_one_is_told_that_it_is_late(
    world: PostgresWorld,
) -> None:
    run = await start(labelling.nap, 1)
    await world.events_create(run.run_id, _event({"a": "1"}))
    with pytest.raises(sdk.EntityConflictError, match="was recorded before"):
        await world.events_create(run.run_id, _event({"a": "1"}))
    with pytest.raises(sdk.WorkflowWorldError, match="does not exist"):
        await world.events_create(new_run_id(), _event({"a": "1"}))


@pytest.mark.parametrize(
    ("attributes", "refusal", "told"),
    [
        ({f"{n}": "v" * 256 for n in range(40)}, AttributesRefused, "at most 8192"),
        ({"$a": "1"}, AttributesRefused, "is reserved"),
        ({"a\0b": "1"}, sdk.FatalError, "cannot store"),
        ({"a": "\ud800"}, sdk.FatalError, "cannot store"),
    ],
)
async def test_what_the_world_refuses_is_fatal_and_said_in_a_sentence(
    world: PostgresWorld,
    attributes: dict[str, str | None],
    refusal: type[Exception],
    told: str,
) -> None:
    run = await start(labelling.nap, 1)
    with pytest.raises(refusal, match=told):
        await world.events_create(run.run_id, _event(attributes))
    assert await run.attributes() == {}


async def test_a_start_from_a_message_brings_its_attributes(
    working: Working, world: PostgresWorld, conn: psycopg.Connection
) -> None:
    run_id = new_run_id()
    payload = sdk.PayloadEncoder().encode(sdk.argument_array((1,), {}))
    message = sdk.WorkflowInvokePayload.from_wire(
        {
            "runId": run_id,
            "runInput": {
                "input": payload,
                "deploymentId": "default",
                "workflowName": labelling.nap.workflow_id,
                "specVersion": 5,
                "attributes": {"tenant": "t1", "$parentRunId": "wrun_1"},
                "allowReservedAttributes": True,
            },
        }
    )
    queue_name = sdk.get_queue_topic_prefix() + labelling.nap.workflow_id
    await world.queue(queue_name, message)
    async with working(labelling.wf):
        await until(lambda: _is_there(conn, run_id))
        run: Run[str] = Run(run_id)
        assert await run.return_value() == "awake"
    assert await run.attributes() == {
        "tenant": "t1",
        "$parentRunId": "wrun_1",
        "phase": "awake",
    }


def _is_there(conn: psycopg.Connection, run_id: str) -> bool:
    query = "select from workflow_pg.runs where run_id = %s"
    return conn.execute(query, [run_id]).fetchone() is not None
