"""Sequences, races, sleeps and batches."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from vercel.workflow import start

from tests.crew import Crew
from tests.scenarios.apps import flow, twin_a, twin_b
from workflow_pg.cli import main

pytestmark = pytest.mark.asyncio(loop_scope="module")

REGISTRIES = [flow.wf, twin_a.wf]


async def took(crew: Crew, run_id: str) -> float:
    """Seconds from the start of a run to its end."""
    query = (
        "select extract(epoch from completed_at - started_at)::float8"
        "  from workflow_pg.runs where run_id = %s"
    )
    return crew.session.value(query, run_id)


async def test_three_sequential_steps(
    crew: Crew, capsys: pytest.CaptureFixture[str]
) -> None:
    run = await start(flow.add_ten, 123)
    assert await crew.result(run) == 133
    dsn = ["--dsn", crew.session.dsn]
    shown = await asyncio.to_thread(main, ["runs", "show", run.run_id, *dsn])
    assert shown == 0
    text = capsys.readouterr().out
    assert f"{run.run_id}  completed  workflow//tests.scenarios.apps.flow//add_" in text
    assert "123" in text.partition("input: ")[2].partition("\n")[0]
    assert "133" in text.partition("output: ")[2].partition("\n")[0]


async def test_two_workflows_of_one_name_in_two_modules(crew: Crew) -> None:
    runs = [await start(twin_a.who), await start(twin_b.who)]
    assert [await crew.result(run) for run in runs] == ["a", "b"]


async def test_results_come_in_the_order_of_the_calls(crew: Crew) -> None:
    assert await crew.result(await start(flow.in_order)) == "ABC"


async def test_the_fastest_wins_in_every_replay(crew: Crew) -> None:
    run = await start(flow.first_of_three)
    assert await crew.result(run) == ["fast", "fast again", "fast again"]
    assert crew.replays(run) > 4


async def test_the_first_success_counts(crew: Crew) -> None:
    assert await crew.result(await start(flow.first_success)) == "B"


async def test_racers_are_taken_out_one_by_one(crew: Crew) -> None:
    order = await crew.result(await start(flow.race_in_a_loop))
    assert sorted(order) == [f"racer {n}" for n in range(5)]


async def test_ten_sleeps_at_once_take_the_time_of_one(crew: Crew) -> None:
    run = await start(flow.ten_sleeps)
    await crew.result(run)
    assert 1 <= await took(crew, run.run_id) < 5


async def test_a_sleep_wins_and_the_result_of_the_step_is_ignored(crew: Crew) -> None:
    flow.gates["late"] = asyncio.Event()
    run = await start(flow.sleep_wins, "late")
    assert await crew.result(run) == "sleep"
    assert 1 <= await took(crew, run.run_id) < 5
    flow.gates["late"].set()
    await crew.reaches(run, "step_completed")
    assert await run.return_value() == "sleep"


async def test_a_step_wins_and_the_run_ends_beside_its_sleep(crew: Crew) -> None:
    run = await start(flow.step_wins)
    assert await crew.result(run) == "quick"
    query = "select status::text from workflow_pg.waits where run_id = %s"
    assert crew.session.value(query, run.run_id) == "cancelled"


async def test_sleeps_in_a_loop_each_take_their_time(crew: Crew) -> None:
    run = await start(flow.naps, 3)
    seen = await crew.result(run)
    assert all(later - earlier >= 1 for earlier, later in pairwise(seen))
    assert crew.types(run).count("wait_completed") == 3


async def test_a_sleep_that_nobody_waits_for_holds_up_nothing(crew: Crew) -> None:
    run = await start(flow.nap_in_the_background)
    assert await crew.result(run) == {"a": 3, "b": 6, "c": 10}


async def test_a_null_byte_comes_back(crew: Crew) -> None:
    assert await crew.result(await start(flow.null_byte)) == "null byte \0"


async def test_twenty_steps_whose_messages_come_again_run_once(crew: Crew) -> None:
    run = await start(flow.numbers, 20, 1)
    messages = (
        "select message_id, queue_name, step_id, idempotency_key"
        "  from workflow_pg_private.messages where run_id = %s and kind = 'step'"
    )
    # As an SDK does that does not know whether its first try arrived.
    await crew.reaches(run, "step_created", 20)
    for row in crew.session.rows(messages, run.run_id):
        crew.session.call(
            "send_message",
            run_id=run.run_id,
            kind="step",
            step_id=row["step_id"],
            idempotency_key=row["idempotency_key"],
        )
    assert sorted(await crew.result(run)) == list(range(20))
    assert {flow.ran[f"{run.run_id}:{n}"] for n in range(20)} == {1}
    assert {step["attempt"] for step in crew.steps(run)} == {1}


async def test_three_batches_of_five_come_in_order(crew: Crew) -> None:
    run = await start(flow.numbers, 5, 3)
    assert await crew.result(run) == list(range(15))
    assert {step["attempt"] for step in crew.steps(run)} == {1}


async def test_each_sequential_step_costs_one_replay(crew: Crew) -> None:
    run = await start(flow.sequence, 3)
    assert await crew.result(run) == [0, 1, 2]
    await crew.settled(run)
    assert (crew.replays(run), crew.dispatches(run)) == (4, 3)


async def test_a_sleep_and_a_step_cost_three_replays(crew: Crew) -> None:
    run = await start(flow.nap_and_step)
    assert await crew.result(run) == 7
    await crew.settled(run)
    assert (crew.replays(run), crew.dispatches(run)) == (3, 1)


async def test_two_steps_at_once_cost_three_replays_at_most(crew: Crew) -> None:
    run = await start(flow.numbers, 2, 1)
    assert sum(await crew.result(run)) == 1
    await crew.settled(run)
    assert 1 <= crew.replays(run) <= 3


async def test_steps_that_could_be_cancelled_cost_no_replay_more(crew: Crew) -> None:
    run = await start(flow.cancellable_sequence, 5)
    assert await crew.result(run) == list(range(5))
    await crew.settled(run)
    assert (crew.replays(run), crew.dispatches(run)) == (6, 5)
