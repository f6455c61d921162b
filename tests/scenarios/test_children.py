"""Runs that start runs, wait for them, and share a stream with them."""

from __future__ import annotations

import pytest
from vercel.workflow import get_run, start

from tests.crew import Crew
from tests.scenarios.apps import children

pytestmark = pytest.mark.asyncio(loop_scope="module")

REGISTRIES = [children.wf]


async def test_a_child_that_is_started_in_a_step_is_waited_for(crew: Crew) -> None:
    run = await start(children.polling, 21)
    assert await crew.result(run) == 42


async def test_an_id_of_a_run_goes_everywhere(crew: Crew) -> None:
    first, second, status, result = await crew.result(
        await start(children.passing_on, 4)
    )
    assert first == second
    assert (status, result) == ("completed", 8)
    assert await get_run(str(first)).return_value() == 8


async def test_a_child_signals_its_parent_and_completes_on_its_own(crew: Crew) -> None:
    run_id, told = await crew.result(await start(children.signalled, "parent", 4))
    assert told == "8"
    assert await crew.result(get_run(run_id)) == 9


async def test_a_body_cannot_start_a_run_and_a_step_can(crew: Crew) -> None:
    failure = await crew.failure(await start(children.start_in_the_body))
    assert failure.error_code == "USER_ERROR"


async def test_a_tree_of_runs(crew: Crew) -> None:
    run = await start(children.fibonacci, 4)
    assert await crew.result(run) == 3


async def test_a_child_is_started_once_in_many_replays(crew: Crew) -> None:
    run = await start(children.one_child_in_many_replays, 3, 10)
    run_id = await crew.result(run)
    assert crew.replays(run) >= 11
    started = crew.session.rows(
        "select e.run_id from workflow_pg.events as e join workflow_pg.runs as r"
        "    on r.run_id = e.run_id and e.event_type = 'run_created'"
        " where r.workflow_name like '%%//child' and r.created_at >="
        "       (select p.created_at from workflow_pg.runs as p where p.run_id = %s)",
        run.run_id,
    )
    assert [row["run_id"] for row in started] == [run_id]
    assert await crew.result(get_run(run_id)) == 6


async def test_children_write_to_the_stream_of_their_parent(crew: Crew) -> None:
    run = await start(children.forwarding)
    chunks = [chunk async for chunk in run.readable_bytes()]
    assert chunks == [b"from the body", b"from a step"]
    await crew.result(run)
