"""`world.queue`: what each method returns, on the real database."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.support import STEP, WORKFLOW, Session, new_run_id
from workflow_pg import Codec, Conflict, Delivery, MessageKind, RunStatus, World
from workflow_pg.models import StepStatus

QUEUE = f"__wkf_workflow_{WORKFLOW}"


async def claim(world: World) -> Delivery:
    """The one message that a worker of everything can claim."""
    (delivery,) = await world.queue.claim("w", [WORKFLOW], [STEP], limit=10)
    return delivery


async def test_send_returns_the_id_of_what_will_be_delivered(
    world: World, db: Session
) -> None:
    run_id = new_run_id()
    sent = await world.queue.send(
        run_id,
        MessageKind.START,
        message_id="msg_1",
        queue_name=QUEUE,
        body=b"\x00body",
        idempotency_key="key",
        deployment_id="blue",
    )
    assert sent == "msg_1"
    again = await world.queue.send(
        run_id, MessageKind.CUSTOM, queue_name=QUEUE, body=b"", idempotency_key="key"
    )
    assert again == "msg_1"
    (message,) = db.messages(run_id)
    assert (message["body"], message["codec"]) == (b"\x00body", "cbor")
    assert message["deployment_id"] == "blue"


async def test_a_delayed_message_is_not_claimed(world: World, db: Session) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    await world.queue.send(run_id, MessageKind.WAKE, delay=timedelta(hours=1))
    assert await world.queue.claim("w", [WORKFLOW]) == []


async def test_claim_returns_a_delivery(world: World, db: Session) -> None:
    run_id = new_run_id()
    await world.queue.send(
        run_id, MessageKind.CUSTOM, queue_name=QUEUE, body=b"b", codec=Codec.OPAQUE
    )
    delivery = await claim(world)
    assert (delivery.run_id, delivery.kind) == (run_id, MessageKind.CUSTOM)
    assert (delivery.queue_name, delivery.deployment_id) == (QUEUE, "default")
    assert (delivery.body, delivery.codec) == (b"b", Codec.OPAQUE)
    assert (delivery.attempt, delivery.is_exhausted) == (1, False)
    left = delivery.lease_until - db.now()
    assert timedelta(seconds=10) < left <= timedelta(seconds=15)


async def test_claim_of_a_step_names_it(world: World, db: Session) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    db.new_step(run_id, "s")
    delivery = await claim(world)
    assert (delivery.kind, delivery.step_id) == (MessageKind.STEP, "s")
    assert (delivery.step_name, delivery.body) == (STEP, None)


async def test_claim_keeps_to_deployment_and_namespace(
    world: World, db: Session
) -> None:
    db.new_run()
    assert await world.queue.claim("w", [WORKFLOW], deployment_id="blue") == []
    assert await world.queue.claim("w", [WORKFLOW], namespace="eu") == []
    assert len(await world.queue.claim("w", [WORKFLOW], deployment_id="*")) == 1


async def test_what_comes_too_often_is_exhausted(world: World, db: Session) -> None:
    db.new_run()
    names = [WORKFLOW]
    (first,) = await world.queue.claim("w", names, max_deliveries=1)
    db.set_clock(timedelta(minutes=1))
    (second,) = await world.queue.claim("w", names, max_deliveries=1)
    assert (first.is_exhausted, second.is_exhausted) == (False, True)
    assert second.message_id == first.message_id


@pytest.mark.plants_unwakeable("a delivery is acknowledged and not handled")
async def test_renew_says_what_is_still_held(world: World, db: Session) -> None:
    db.new_run()
    db.new_run()
    deliveries = await world.queue.claim("w", [WORKFLOW], limit=2)
    held = await world.queue.renew(deliveries, lease=timedelta(minutes=5))
    assert held == {delivery.message_id for delivery in deliveries}
    await world.queue.ack(deliveries[0])
    assert await world.queue.renew(deliveries) == {deliveries[1].message_id}
    assert await world.queue.renew([]) == set()


@pytest.mark.plants_unwakeable("a delivery is acknowledged and not handled")
async def test_ack_deletes_the_message(world: World, db: Session) -> None:
    run_id = db.new_run()
    delivery = await claim(world)
    await world.queue.ack(delivery)
    await world.queue.ack(delivery)
    assert db.messages(run_id) == []


async def test_a_lost_lease_is_a_conflict(world: World, db: Session) -> None:
    db.new_run()
    lost = await claim(world)
    db.set_clock(timedelta(minutes=1))
    await claim(world)
    queue = world.queue
    for call in (
        lambda: queue.ack(lost),
        lambda: queue.reschedule(lost, timedelta(0)),
        lambda: queue.nack(lost),
        lambda: queue.release(lost),
        lambda: queue.bury(lost, "no"),
    ):
        with db.nothing_written(), pytest.raises(Conflict, match="lease token"):
            await call()


async def test_reschedule_returns_a_delivery_with_a_new_count(
    world: World, db: Session
) -> None:
    run_id = db.new_run()
    delivery = await claim(world)
    await world.queue.reschedule(delivery, timedelta(hours=1), idempotency_key="k")
    (message,) = db.messages(run_id)
    assert (message["attempt"], message["idempotency_key"]) == (0, "k")
    assert message["due_at"] > db.now() + timedelta(minutes=59)


async def test_nack_keeps_the_error_and_the_count(world: World, db: Session) -> None:
    run_id = db.new_run()
    await world.queue.nack(await claim(world), "no route")
    (message,) = db.messages(run_id)
    assert (message["attempt"], message["last_error"]) == (1, "no route")
    assert message["due_at"] > db.now()


async def test_release_gives_a_delivery_back_at_once(world: World, db: Session) -> None:
    db.new_run()
    first = await claim(world)
    await world.queue.release(first)
    second = await claim(world)
    assert (second.message_id, second.attempt) == (first.message_id, 1)


async def test_bury_fails_the_run_by_name(world: World, db: Session) -> None:
    run_id = db.new_run()
    await world.queue.bury(await claim(world), "gave up", error_code="E")
    run = await world.runs.get(run_id)
    assert (run.status, run.error_code) == (RunStatus.FAILED, "E")
    assert json.loads(run.error or b"") == {
        "name": "MaxDeliveriesExceeded",
        "message": "gave up",
    }


async def test_bury_of_a_dispatch_fails_the_step(world: World, db: Session) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    db.new_step(run_id, "s")
    await world.queue.bury(await claim(world), "gave up", error_name="Mine")
    step = await world.steps.get(run_id, "s")
    assert step.status is StepStatus.FAILED
    assert json.loads(step.error or b"")["name"] == "Mine"


async def test_workers_come_idle_and_go(world: World, db: Session) -> None:
    query = "select * from workflow_pg_private.workers"
    await world.queue.heartbeat(
        "w", [WORKFLOW], (STEP,), deployment_id="blue", namespace="eu"
    )
    (worker,) = db.rows(query)
    assert (worker["workflows"], worker["steps"]) == ([WORKFLOW], [STEP])
    assert (worker["deployment_id"], worker["namespace"]) == ("blue", "eu")
    await world.queue.set_idle("w", is_idle=True)
    assert db.value(query.replace("*", "is_idle")) is True
    await world.queue.remove_worker("w")
    assert db.rows(query) == []


async def test_maintain_mends_what_unwakeable_runs_finds(
    world: World, db: Session
) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    (violation,) = await world.queue.unwakeable_runs()
    assert (violation.run_id, violation.violation) == (run_id, "run")
    assert violation.entity_id == run_id
    done = await world.queue.maintain(grace=timedelta(0))
    assert (done.woken, done.redispatched, done.forgotten) == (1, 0, 0)
    assert done.next_after is None
    assert await world.queue.unwakeable_runs() == []


async def test_maintain_walks_in_pages(world: World, db: Session) -> None:
    ids = sorted(db.new_run() for _ in range(3))
    first = await world.queue.maintain(limit=2)
    assert first.next_after == ids[1]
    assert (await world.queue.maintain(ids[1], limit=2)).next_after is None
