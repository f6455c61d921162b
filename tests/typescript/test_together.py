"""Runs of Python and of TypeScript in one database, each executed by its own."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from vercel.workflow import start

from tests.sdk.apps import shop
from tests.sdk.conftest import Working
from tests.typescript.conftest import Run
from workflow_pg import World

SCRIPT = Path(__file__).with_name("together.mjs")


@pytest.mark.one_major
async def test_both_are_executed_by_their_own_and_listed_together(
    working: Working, direct_dsn: str, run_node: Run
) -> None:
    run = await start(shop.one_step, 1, 2)
    async with working():
        told = await asyncio.to_thread(run_node, str(SCRIPT), dsn=direct_dsn)
        assert await run.return_value() == 3
    other = json.loads(told.splitlines()[-1])
    assert other["delivered"] == [other["runId"]]
    listed = {row["runId"]: row["workflow"] for row in other["listed"]}
    assert listed == {
        run.run_id: f"workflow//{shop.__name__}//one_step",
        other["runId"]: "workflow//./shop//fulfil",
    }
    async with World(direct_dsn, max_size=1) as ours:
        runs = await ours.runs.list()
    assert {row.run_id: row.workflow_name for row in runs} == listed
    deployments = {row.run_id: row.deployment_id for row in runs}
    assert deployments == {run.run_id: "default", other["runId"]: "typescript"}
