"""What the command line tells programs of a run that used everything."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from vercel.workflow import start

from tests.crew import Crew
from tests.scenarios.apps import hooks
from tests.sdk.waiting import until
from workflow_pg.cli import main

pytestmark = pytest.mark.asyncio(loop_scope="module")

REGISTRIES = [hooks.wf]


async def test_a_run_is_told_as_json_with_consistent_ids(
    crew: Crew, capsys: pytest.CaptureFixture[str]
) -> None:
    """A step, a hook, a sleep and a stream."""
    run = await start(hooks.controller, "inspected", 1)
    assert await crew.result(run) == "expired"

    async def told(*words: str) -> Any:
        command = [*words, "--json", "--dsn", crew.session.dsn]
        assert await asyncio.to_thread(main, command) == 0
        return json.loads(capsys.readouterr().out)

    (listed,) = await told("runs", "list", "--status", "completed")
    shown = await told("runs", "show", run.run_id)
    assert listed["run_id"] == shown["run"]["run_id"] == run.run_id
    (step,) = shown["steps"]
    assert step["status"] == "completed"
    events = await told("events", run.run_id)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    named = {event["correlation_id"] for event in events} - {None}
    kinds = {name.partition("_")[0] for name in named}
    assert kinds == {"step", "hook", "wait"}
    assert step["step_id"] in named
    (stream,) = await told("streams", "list", run.run_id)
    assert stream["run_id"] == run.run_id
    assert stream["closed_at"] is not None


async def test_a_probe_asks_for_a_live_worker(
    crew: Crew, capsys: pytest.CaptureFixture[str]
) -> None:
    # It announces itself when it begins, which may be after this test does.
    workers = "select from workflow_pg_private.workers"
    await until(lambda: crew.session.rows(workers))
    words = ["health", "--worker", "--dsn", crew.session.dsn]
    assert await asyncio.to_thread(main, words) == 0
    assert capsys.readouterr().out.startswith("healthy: ")
    assert await asyncio.to_thread(main, [*words, "--deployment", "nobody"]) == 1
