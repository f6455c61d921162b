"""`world.operations`: what each method returns, on the real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support import LATER, STEP, WORKFLOW, Session
from workflow_pg import (
    Codec,
    Conflict,
    EventType,
    MalformedCall,
    MessageKind,
    NotFound,
    RunFinal,
    RunStatus,
    Severity,
    World,
)


async def bury(world: World, run_id: str) -> str:
    """Send a message of an absent run and give it up; its id."""
    queue = f"__wkf_workflow_{WORKFLOW}"
    kind = MessageKind.CUSTOM
    await world.queue.send(run_id, kind, queue_name=queue, body=b"x")
    (held,) = await world.queue.claim("w", [WORKFLOW])
    await world.queue.bury(held, "no luck")
    return held.message_id


async def test_retry_returns_the_event_of_the_new_run(
    world: World, db: Session
) -> None:
    old = db.new_run("failed")
    reply = await world.operations.retry_run(old)
    assert (reply.event_type, reply.run_status) == (
        EventType.RUN_CREATED,
        RunStatus.PENDING,
    )
    with db.nothing_written(), pytest.raises(Conflict, match=reply.run_id) as caught:
        await world.operations.retry_run(old)
    assert caught.value.detail["retried_as"] == reply.run_id
    await world.operations.retry_run(old, deployment_id="green", anyway=True)
    (green,) = await world.runs.list(deployment_id="green", only_live=True)
    assert green.run_id not in {old, reply.run_id}


async def test_wake_says_what_it_did(world: World, db: Session) -> None:
    run_id = db.new_run()
    db.append(run_id, "wait_created", "wait_1", facts={"resumeAt": LATER})
    done = await world.operations.wake_run(run_id, with_waits=True)
    assert done.waits_completed == 1
    assert done.message_id in {m["message_id"] for m in db.messages(run_id)}
    await world.runs.cancel(run_id)
    with db.nothing_written(), pytest.raises(RunFinal, match="nothing to wake"):
        await world.operations.wake_run(run_id)


async def test_delete_counts_what_it_deleted(world: World, db: Session) -> None:
    run_id = db.new_run()
    with db.nothing_written(), pytest.raises(Conflict) as caught:
        await world.operations.delete_run(run_id)
    assert caught.value.hint == "Cancel it first."
    await world.runs.cancel(run_id)
    gone = await world.operations.delete_run(run_id)
    assert (gone.events, gone.messages) == (3, 0)
    with pytest.raises(NotFound):
        await world.runs.get(run_id)


async def test_purge_counts_the_payloads_and_reads_are_refused(
    world: World, db: Session
) -> None:
    run_id = db.new_run()
    with db.nothing_written(), pytest.raises(Conflict):
        await world.operations.purge_run(run_id)
    db.append(run_id, "run_completed", payload=b"out")
    gone = await world.operations.purge_run(run_id)
    assert (gone.events, gone.messages, gone.streams) == (2, 0, 0)
    with pytest.raises(RunFinal, match="were purged"):
        await world.runs.get(run_id)
    with pytest.raises(RunFinal):
        await world.runs.wait_for_final_status(run_id)
    assert (await world.runs.list())[0].expired_at is not None
    page = await world.queue.purge_due()
    assert (page.next_after, page.purged) == (None, 0)


async def test_buried_messages_are_listed_and_requeued(world: World) -> None:
    message_id = await bury(world, "a run")
    (message,) = await world.operations.list_buried()
    assert (message.message_id, message.kind) == (message_id, MessageKind.CUSTOM)
    assert (message.last_error, message.run_status) == ("no luck", None)
    assert message.buried_at.tzinfo is UTC
    older = await world.operations.list_buried(
        limit=1, before=message.buried_at, before_run_id="a run"
    )
    assert older == []
    (done,) = await world.operations.requeue_messages(run_id="a run")
    assert (done.message_id, done.kind) == (message_id, MessageKind.CUSTOM)
    with pytest.raises(NotFound):
        await world.operations.requeue_messages(message_id)
    with pytest.raises(MalformedCall):
        await world.operations.requeue_messages()


async def test_the_queue_is_counted_and_its_workers_listed(
    world: World, db: Session
) -> None:
    db.set_clock(timedelta(seconds=-10))
    db.new_run("pending")
    db.set_clock(timedelta(0))
    await world.queue.heartbeat("w", [WORKFLOW], [STEP], namespace="eu")
    (stat,) = await world.operations.queue_stats()
    assert (stat.serves, stat.due, stat.workers) == (WORKFLOW, 1, 0)
    assert stat.oldest_due_age is not None
    assert stat.oldest_due_age >= timedelta(seconds=10)
    (worker,) = await world.operations.list_workers(is_alive=True)
    assert (worker.worker_id, worker.namespace) == ("w", "eu")
    assert (worker.workflows, worker.steps) == ([WORKFLOW], [STEP])
    assert await world.operations.list_workers(deployment_id="green") == []


async def test_diagnose_returns_findings(world: World) -> None:
    found = await world.operations.diagnose(client_time=datetime.now(UTC))
    by_subject = {finding.subject: finding for finding in found}
    assert by_subject["clock"].severity is Severity.OK
    assert by_subject["server"].next_step is None
    assert by_subject["connections"].detail["used"] > 0


async def test_a_hook_is_resumed_by_its_token(world: World, db: Session) -> None:
    run_id = db.new_run()
    db.append(run_id, "hook_created", "hook_1", facts={"token": "t"})
    (hook,) = await world.hooks.list_all()
    assert (hook.token, hook.run_id) == ("t", run_id)
    assert await world.hooks.list_all(after_token="t") == []
    reply = await world.hooks.resume("t", b"[1]")
    assert (reply.run_id, reply.correlation_id) == (run_id, "hook_1")
    await world.hooks.resume("t", b"\xff", codec=Codec.OPAQUE)
    with pytest.raises(NotFound, match="no live hook holds"):
        await world.hooks.resume("another", b"[1]")


async def test_check_schema_returns_what_is_installed(world: World) -> None:
    stamp = await world.check_schema()
    assert stamp.state == "ready"
