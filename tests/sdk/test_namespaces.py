"""Queue namespaces: who serves one gets its messages, and nobody else's."""

from __future__ import annotations

from functools import partial

import psycopg
from vercel.workflow import get_run, start

from tests.sdk.apps import billing, shop
from tests.sdk.conftest import Working
from tests.sdk.waiting import once_created, until
from tests.support import connect
from workflow_pg.sdk.world import PostgresWorld


async def pay(token: str, cents: int) -> None:
    """Resume a hook, as soon as its run has created it."""
    payment = billing.Payment(cents=cents)
    await once_created(lambda: payment.resume(token))  # pyright: ignore[reportUnknownMemberType]


async def test_a_run_keeps_to_its_namespace_all_its_life(
    working: Working, dsn: str
) -> None:
    async with working(billing.wf):
        run = await start(billing.bill, "t")
        await pay("t", 3)
        assert await run.return_value() == 10
    with connect(dsn) as session:
        queues = session.rows("select distinct queue_name from workflow_pg.runs")
    prefix = f"__billing_wkf_workflow_workflow//{billing.__name__}//"
    assert {row["queue_name"] for row in queues} == {
        f"{prefix}bill",
        f"{prefix}double",
    }


async def test_a_worker_leaves_other_namespaces_alone_and_why_says_so(
    working: Working, world: PostgresWorld, conn: psycopg.Connection
) -> None:
    run = await start(billing.double, 4)
    name = f"workflow//{billing.__name__}//double"
    plain = conn.execute(
        "select run_id from workflow_pg.create_run("
        "null, %s, convert_to('[5]', 'UTF8'), 'json')",
        [name],
    ).fetchone()
    assert plain is not None
    why = "select cause, sentence from workflow_pg.why(%s)"
    async with working(billing.wf):
        assert await run.return_value() == 8
        assert conn.execute(why, plain).fetchall() == [
            ("unserved", f"no live worker serves {name} in deployment default")
        ]
    other = await start(billing.double, 6)
    async with working(shop.wf):
        assert await (await start(shop.one_step, 2, 3)).return_value() == 5
        assert conn.execute(why, [other.run_id]).fetchall() == [
            (
                "unserved",
                f"no live worker serves {name} in deployment default,"
                " namespace billing",
            )
        ]
    await get_run(plain[0]).terminate()
    await other.terminate()


async def test_psql_starts_a_run_in_a_namespace(
    working: Working, conn: psycopg.Connection
) -> None:
    created = conn.execute(
        "select run_id from workflow_pg.create_run(p_run_id => null,"
        " p_workflow_name => %s, p_input => convert_to('[5]', 'UTF8'),"
        " p_codec => 'json',"
        """ p_execution_context => '{"queueNamespace": "billing"}')""",
        [f"workflow//{billing.__name__}//double"],
    ).fetchone()
    assert created is not None

    def status() -> str:
        row = conn.execute(
            "select status::text from workflow_pg.get_run(%s)", created
        ).fetchone()
        assert row is not None
        return row[0]

    async with working(billing.wf):
        await until(lambda: status() == "completed")


async def test_a_run_that_is_woken_anew_stays_in_its_namespace(
    working: Working, world: PostgresWorld, conn: psycopg.Connection
) -> None:
    shop_only = partial(working, shop.wf)
    run = await start(billing.double, 4)
    conn.execute(
        "update workflow_pg.runs set last_event_at = last_event_at - interval '1 hour'"
    )
    conn.execute("delete from workflow_pg_private.messages")
    conn.execute("select from workflow_pg.maintain()")
    found = conn.execute(
        "select queue_name from workflow_pg_private.messages where run_id = %s",
        [run.run_id],
    ).fetchall()
    assert found == [(f"__billing_wkf_workflow_workflow//{billing.__name__}//double",)]
    async with shop_only():
        assert await (await start(shop.one_step, 1, 1)).return_value() == 2
        assert await run.status() == "pending"
    async with working(billing.wf):
        assert await run.return_value() == 8
