"""A resume whose payload a message carries beside its caller is one event."""

from __future__ import annotations

from typing import Any

import psycopg
from vercel.workflow import get_hook_by_token, start

from tests.sdk.apps import shop
from tests.sdk.conftest import Working
from tests.sdk.test_runs import resume
from tests.sdk.waiting import until
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.world import PostgresWorld


async def test_a_resume_that_several_messages_carry_is_heard_once(
    world: PostgresWorld, working: Working, conn: psycopg.Connection
) -> None:
    async with working():
        run = await start(shop.listen, "letters", 3)
        await resume("letters", "a")
        hook = await get_hook_by_token("letters")
        first = await events_of(world, run.run_id)
        carried: dict[str, Any] = {
            "resumeId": "r_1",
            "hookId": hook.hook_id,
            "token": "letters",
            "payload": first[-1].event_data.payload,
        }
        # The last one is another resume by mistake: it is dropped, and harms nobody.
        for digest in ("d_1", "d_1", "d_2"):
            told = {**carried, "payloadDigest": digest}
            message = {"runId": run.run_id, "hookInput": told}
            await world.queue(
                f"__wkf_workflow_{shop.listen.workflow_id}",
                sdk.WorkflowInvokePayload.from_wire(message),
            )
        await until(lambda: is_quiet(conn))
        await resume("letters", "b")
        assert await run.return_value() == ["a", "a", "b"]
    listed = await events_of(world, run.run_id)
    ids = [event.server_props.resume_id for event in listed]
    assert ids == [None, "r_1", None]


async def events_of(world: PostgresWorld, run_id: str) -> list[Any]:
    """What the hooks of a run have received, as the SDK reads it."""
    while True:
        page = await world.events_list(run_id)
        found = [e for e in page.data if isinstance(e, sdk.HookReceivedEvent)]
        if found:
            return found


def is_quiet(conn: psycopg.Connection) -> bool:
    """Whether no message is queued or being handled."""
    count = "select count(*) from workflow_pg_private.messages"
    return conn.execute(count).fetchone() == (0,)
