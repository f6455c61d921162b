"""Health checks: asked over the queue, answered by a worker, leaving nothing behind."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from functools import partial

import pytest
from psycopg.sql import SQL
from vercel.workflow import start

from tests.sdk.apps import billing, shop
from tests.sdk.conftest import Working
from tests.sdk.waiting import until
from tests.support import connect, tables
from workflow_pg import World
from workflow_pg.errors import MalformedCall
from workflow_pg.health import probe, queue_of, run_of, stream_of
from workflow_pg.sdk import Key, KeyRing, health_check
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.world import PostgresWorld

ONE_STEP = f"workflow//{shop.__name__}//one_step"


async def test_a_worker_answers(working: Working, direct_dsn: str) -> None:
    async with working(), World(direct_dsn, max_size=1) as ours:
        for target in ("health_check", ONE_STEP, f"__wkf_workflow_{ONE_STEP}"):
            assert 0 < await probe(ours, target, timeout=10) < 10
        assert 0 < await health_check() < 10
        assert 0 < await health_check(shop.one_step) < 10
        assert 0 < await health_check(ONE_STEP) < 10


async def test_a_check_of_the_sdk_is_answered_as_the_sdk_reads_it(
    working: Working, world: PostgresWorld
) -> None:
    async with working():
        await world.queue(
            f"__wkf_workflow_{ONE_STEP}",
            sdk.HealthCheckPayload.from_wire(
                {"__healthCheck": True, "correlationId": "c1"}
            ),
        )
        answers = world.streams_get("wrun_hc_c1", "__health_check__c1")
        (answer,) = [json.loads(chunk) async for chunk in answers]
    assert answer["healthy"] is True
    assert answer["correlationId"] == "c1"
    assert answer["specVersion"] == 5


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
async def test_a_check_about_a_run_tells_its_public_key(
    working: Working, world: PostgresWorld, *, encrypted: bool
) -> None:
    if encrypted:
        world.keys.provider = KeyRing(Key("k", b"k" * 32))
    run = await start(shop.one_step, 1, 2)
    async with working():
        await world.queue(
            f"__wkf_workflow_{ONE_STEP}",
            sdk.HealthCheckPayload.from_wire(
                {"__healthCheck": True, "correlationId": "c", "runId": run.run_id}
            ),
        )
        answers = world.streams_get("wrun_hc_c", "__health_check__c")
        (answer,) = [json.loads(chunk) async for chunk in answers]
        known = await world.runs_get(run.run_id)
    assert answer.get("encryptionPublicKey") == known.encryption_public_key
    assert (known.encryption_public_key is not None) is encrypted


async def test_nobody_answers_for_what_nobody_serves(
    working: Working, direct_dsn: str
) -> None:
    ask = partial(probe, timeout=0.3)
    async with working(), World(direct_dsn, max_size=1) as ours:
        with pytest.raises(TimeoutError) as caught:
            await ask(ours, "workflow//no//such")
        assert str(caught.value) == (
            "no worker of deployment default answered on queue"
            " __wkf_workflow_workflow//no//such within 0.3 s"
        )
        with pytest.raises(TimeoutError, match="deployment blue"):
            await ask(ours, ONE_STEP, deployment_id="blue")
        with pytest.raises(TimeoutError, match="queue __billing_wkf_workflow_health"):
            await ask(ours, namespace="billing")


async def test_namespaces_and_deployments_are_asked_apart(
    working: Working, world: PostgresWorld, direct_dsn: str
) -> None:
    async with working(billing.wf, deployment="blue"), World(direct_dsn) as ours:
        assert await probe(ours, namespace="billing", deployment_id="blue") > 0
        with pytest.raises(TimeoutError):
            await probe(ours, timeout=0.3, deployment_id="blue")
        world.deployment = "blue"
        assert await health_check(billing.double) > 0


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ("__nonsense", {}),
        ("__wkf_workflow_", {}),
        ("w", {"namespace": "No"}),
        ("w", {"deployment_id": ""}),
    ],
)
async def test_what_is_no_queue_is_refused(
    direct_dsn: str, target: str, options: dict[str, str]
) -> None:
    async with World(direct_dsn) as ours:
        with pytest.raises(MalformedCall):
            await probe(ours, target, timeout=5, **options)


async def test_without_our_world_there_is_a_sentence(world: PostgresWorld) -> None:
    sdk.set_world(None)
    with pytest.raises(RuntimeError, match="call use_postgres"):
        await health_check()


async def test_a_check_leaves_nothing_behind(working: Working, direct_dsn: str) -> None:
    async with working(), World(direct_dsn, max_size=1) as ours:
        await probe(ours)
        with pytest.raises(TimeoutError):
            await probe(ours, "nobody", timeout=0.1)
    with connect(direct_dsn) as session:
        # Whoever gave up has taken the message that nobody claimed along.
        query = "select count(*) from workflow_pg_private.messages"
        assert session.value(query) == 0
        assert session.call("unwakeable_runs") == []
        session.set_clock(timedelta(minutes=59))
        assert session.call("maintain")[0]["forgotten"] == 0
        session.set_clock(timedelta(minutes=61))
        # An answer and its writer.
        assert session.call("maintain")[0]["forgotten"] >= 1
        left = {
            table.as_string(): session.conn.execute(
                SQL("select from {}").format(table)
            ).rowcount
            for table in tables(session)
        }
        assert {name for name, count in left.items() if count} == set()


async def test_a_check_that_is_broken_off_leaves_no_message(direct_dsn: str) -> None:
    async with World(direct_dsn, max_size=1) as ours:
        with connect(direct_dsn) as session:
            query = "select count(*) from workflow_pg_private.messages"
            asking = asyncio.create_task(probe(ours, "nobody", timeout=30))
            await until(lambda: session.value(query) == 1)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            assert session.value(query) == 0


def test_names_are_those_of_the_sdk() -> None:
    assert queue_of("w", "ns") == "__ns_wkf_workflow_w"
    assert queue_of("w") == f"{sdk.get_queue_topic_prefix()}w"
    assert (run_of("c"), stream_of("c")) == sdk.health_check_names("c")
