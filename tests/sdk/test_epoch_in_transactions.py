"""A delivery of a lost history, and the transaction of the caller in its step."""

from __future__ import annotations

import psycopg
import pytest
from vercel.workflow import WorkflowWorldError, start

from tests.sdk.apps import shop
from tests.sdk.callers import Opener
from tests.sdk.test_runs import count
from tests.sdk.test_use_connection import ORDER, TABLE, of_all_kinds
from workflow_pg.sdk import use_connection
from workflow_pg.sdk.context import in_epoch


@of_all_kinds
@pytest.mark.usefixtures("world")
async def test_what_is_started_in_the_callers_transaction_is_refused(
    dsn: str, conn: psycopg.Connection, opened: Opener
) -> None:
    conn.execute(TABLE)
    async with opened(dsn) as caller:
        with use_connection(caller.given):
            await start(shop.no_step, "you")
            await caller.rollback()
            await caller.execute(ORDER)
            with (
                in_epoch("1-00000001-1-1"),
                pytest.raises(WorkflowWorldError, match="restored or failed over"),
            ):
                await start(shop.no_step, "you")
        # As after any refusal: the caller decides what becomes of the transaction.
        await caller.commit()
    assert count(conn, "orders") == 1
    assert count(conn, "workflow_pg.runs") == 0
