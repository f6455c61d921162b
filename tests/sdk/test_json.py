"""A Python workflow started with psql alone, and its result read with psql alone."""

from __future__ import annotations

import asyncio
import json

import psycopg
import pytest
from vercel.workflow import WorkflowRunFailedError, get_run

from tests.sdk.apps import shop
from tests.sdk.conftest import Working

CREATE = """
    select run_id
      from workflow_pg.create_run(null, %s, convert_to(%s, 'UTF8'), 'json')
"""
RESULT = """
    select status::text, output_codec::text, convert_from(output, 'UTF8')
      from workflow_pg.get_run(%s)
"""
ERROR = """
    select status::text, error_codec::text, convert_from(error, 'UTF8')
      from workflow_pg.get_run(%s)
"""


def create(conn: psycopg.Connection, workflow: str, arguments: object) -> str:
    """Start a run as psql does."""
    name = f"workflow//{shop.__name__}//{workflow}"
    row = conn.execute(CREATE, [name, json.dumps(arguments)]).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("arguments", [[2, 3], {"left": 2, "right": 3}], ids=type)
async def test_arguments_by_position_and_by_name(
    working: Working, conn: psycopg.Connection, arguments: object
) -> None:
    async with working():
        run_id = create(conn, "one_step", arguments)
        assert await get_run(run_id).return_value() == 5
    assert conn.execute(RESULT, [run_id]).fetchone() == ("completed", "json", "5")


async def test_the_last_argument_may_be_an_object(
    working: Working, conn: psycopg.Connection
) -> None:
    async with working():
        run_id = create(conn, "describe", [{"a": 1}])
        assert await get_run(run_id).return_value() == {"a": 1}
    assert conn.execute(RESULT, [run_id]).fetchone() == (
        "completed",
        "json",
        '{"a": 1}',
    )


async def test_an_error_is_json_too(working: Working, conn: psycopg.Connection) -> None:
    async with working():
        run_id = create(conn, "doomed", [])
        with pytest.raises(WorkflowRunFailedError, match="out of stock"):
            await get_run(run_id).return_value()
    row = conn.execute(ERROR, [run_id]).fetchone()
    assert row is not None
    assert row[:2] == ("failed", "json")
    assert "out of stock" in json.loads(row[2])["message"]


async def test_a_result_that_is_no_json_stays_as_the_sdk_wrote_it(
    working: Working, conn: psycopg.Connection
) -> None:
    async with working():
        run_id = create(conn, "when", [])
        assert (await get_run(run_id).return_value()).year >= 2026
    row = conn.execute(
        "select status::text, output_codec::text from workflow_pg.get_run(%s)", [run_id]
    ).fetchone()
    assert row == ("completed", "opaque")


async def test_a_hook_is_resumed_and_a_step_executed_without_the_sdk(
    working: Working, conn: psycopg.Connection
) -> None:
    async with working():
        run_id = create(conn, "listen", ["psql", 1])
        async with asyncio.timeout(10):
            while True:
                found = conn.execute(
                    "select hook_id from workflow_pg.list_hooks(%s)", [run_id]
                ).fetchone()
                if found:
                    break
                await asyncio.sleep(0.02)
        conn.execute(
            """
            select from workflow_pg.receive_hook(
                %s, %s, convert_to('{"text": "from psql"}', 'UTF8'), 'json')
            """,
            [run_id, found[0]],
        )
        assert await get_run(run_id).return_value() == ["from psql"]
