"""`world.runs`: what each method returns, on the real database."""

from __future__ import annotations

import json
from datetime import UTC

import pytest

from tests.support import WORKFLOW, Session, new_run_id
from workflow_pg import Codec, Conflict, EventType, NotFound, RunStatus, World


async def test_create_draws_an_id_and_leaves_the_start(
    world: World, db: Session
) -> None:
    reply = await world.runs.create(WORKFLOW, b"\x00in")
    assert reply.run_id.startswith("wrun_")
    assert (reply.seq, reply.event_type) == (1, EventType.RUN_CREATED)
    assert reply.run_status is RunStatus.PENDING
    assert [message["kind"] for message in db.messages(reply.run_id)] == ["wake"]


async def test_create_stores_all_it_is_given(world: World) -> None:
    run_id = new_run_id()
    await world.runs.create(
        WORKFLOW,
        b'["x"]',
        run_id=run_id,
        codec=Codec.JSON,
        deployment_id="blue",
        execution_context={"queueNamespace": "eu", "deep": {"list": [1, None]}},
        encryption_public_key="key",
        spec_version=5,
    )
    run = await world.runs.get(run_id)
    assert (run.run_id, run.workflow_name, run.deployment_id) == (
        run_id,
        WORKFLOW,
        "blue",
    )
    assert (run.input, run.input_codec) == (b'["x"]', Codec.JSON)
    assert run.execution_context == {
        "queueNamespace": "eu",
        "deep": {"list": [1, None]},
    }
    assert run.queue_name == f"__eu_wkf_workflow_{WORKFLOW}"
    assert (run.encryption_public_key, run.spec_version) == ("key", 5)
    assert run.created_at.tzinfo is UTC


async def test_create_with_its_key_repeated_returns_the_first_reply(
    world: World, db: Session
) -> None:
    run_id = new_run_id()
    first = await world.runs.create(WORKFLOW, b"in", run_id=run_id, dedup_key="k")
    with db.nothing_written():
        again = await world.runs.create(WORKFLOW, b"in", run_id=run_id, dedup_key="k")
    assert again == first
    with db.nothing_written(), pytest.raises(Conflict, match="another call"):
        await world.runs.create(WORKFLOW, b"other", run_id=run_id, dedup_key="k")


async def test_start_returns_the_run_with_its_input(world: World) -> None:
    run_id = (await world.runs.create(WORKFLOW, b"in")).run_id
    run = await world.runs.start(run_id)
    assert (run.status, run.seq, run.input) == (RunStatus.RUNNING, 2, b"in")
    assert run.started_at is not None
    again = await world.runs.start(run_id)
    assert (again.seq, again.started_at) == (None, run.started_at)


async def test_start_creates_an_absent_run(world: World) -> None:
    run_id = new_run_id()
    run = await world.runs.start(
        run_id,
        workflow_name=WORKFLOW,
        input=b"in",
        deployment_id="blue",
        execution_context={"a": 1},
        encryption_public_key="key",
    )
    assert (run.status, run.last_seq, run.input) == (RunStatus.RUNNING, 2, b"in")
    assert (run.deployment_id, run.execution_context) == ("blue", {"a": 1})
    assert run.encryption_public_key == "key"


async def test_complete_ends_a_run_with_its_output(world: World) -> None:
    run_id = (await world.runs.create(WORKFLOW, b"in")).run_id
    reply = await world.runs.complete(run_id, b"{}", codec=Codec.JSON)
    assert (reply.event_type, reply.run_status) == (
        EventType.RUN_COMPLETED,
        RunStatus.COMPLETED,
    )
    run = await world.runs.get(run_id)
    assert (run.output, run.output_codec, run.error) == (b"{}", Codec.JSON, None)
    assert run.completed_at == reply.created_at


async def test_complete_without_an_output(world: World) -> None:
    run_id = (await world.runs.create(WORKFLOW, b"in")).run_id
    await world.runs.complete(run_id, None)
    assert (await world.runs.get(run_id)).output is None


async def test_fail_ends_a_run_with_its_error(world: World) -> None:
    run_id = (await world.runs.create(WORKFLOW, b"in")).run_id
    reply = await world.runs.fail(run_id, b"boom", error_code="USER_ERROR")
    assert reply.run_status is RunStatus.FAILED
    run = await world.runs.get(run_id)
    assert (run.error, run.error_codec) == (b"boom", Codec.OPAQUE)
    assert (run.error_code, run.output) == ("USER_ERROR", None)


async def test_cancel_ends_a_run_once(world: World) -> None:
    run_id = (await world.runs.create(WORKFLOW, b"in")).run_id
    reply = await world.runs.cancel(run_id, reason="no longer wanted")
    assert (reply.seq, reply.run_status) == (2, RunStatus.CANCELLED)
    again = await world.runs.cancel(run_id)
    assert (again.seq, again.run_status) == (None, RunStatus.CANCELLED)
    assert (await world.runs.get(run_id)).cancel_reason == "no longer wanted"


async def test_get_leaves_out_what_is_not_asked_for(world: World) -> None:
    run_id = (await world.runs.create(WORKFLOW, b"in")).run_id
    await world.runs.complete(run_id, b"out")
    run = await world.runs.get(run_id, with_input=False, with_outcome=False)
    assert (run.input, run.output, run.seq) == (None, None, None)
    assert run.input_codec is Codec.OPAQUE


async def test_list_pages_through_the_runs_newest_first(world: World) -> None:
    ids = [(await world.runs.create(WORKFLOW, b"in")).run_id for _ in range(5)]
    await world.runs.create("workflow//other//one", b"in")
    seen: list[str] = []
    page = await world.runs.list(workflow_name=WORKFLOW, limit=2)
    while page:
        seen += [run.run_id for run in page]
        last = page[-1]
        page = await world.runs.list(
            workflow_name=WORKFLOW,
            limit=2,
            before=last.created_at,
            before_run_id=last.run_id,
        )
    assert sorted(seen) == sorted(ids)
    assert len(await world.runs.list()) == 6


async def test_list_keeps_to_a_status(world: World) -> None:
    run_id = (await world.runs.create(WORKFLOW, b"in")).run_id
    await world.runs.create(WORKFLOW, b"in")
    await world.runs.cancel(run_id)
    (run,) = await world.runs.list(status=RunStatus.CANCELLED)
    assert (run.run_id, run.input) == (run_id, None)


async def test_why_says_what_a_run_waits_for(world: World) -> None:
    run_id = (await world.runs.create(WORKFLOW, b"in")).run_id
    (reason,) = await world.runs.why(run_id)
    assert reason.cause == "unserved"
    assert WORKFLOW in reason.sentence
    with pytest.raises(NotFound):
        await world.runs.why(new_run_id())


async def test_a_payload_of_16_mib_comes_back_as_it_was(world: World) -> None:
    payload = bytes(range(256)) * (16 * 4096)
    run_id = (await world.runs.create(WORKFLOW, payload)).run_id
    assert (await world.runs.get(run_id)).input == payload


async def test_json_of_a_context_keeps_unicode(world: World) -> None:
    context = {"grüße": "日本 \U0001f600 'quoted' \"twice\" %s %(x)s \\"}
    run_id = (
        await world.runs.create(WORKFLOW, b"in", execution_context=context)
    ).run_id
    stored = (await world.runs.get(run_id)).execution_context
    assert json.dumps(stored) == json.dumps(context)
