"""Crowds of runs in which payloads, sleeps and steps race.

No run is corrupted, none is stuck, and each outcome is the one that its log tells. The
crowds are samples; `make test-crowd` runs them at the size of an acceptance test.
"""

from __future__ import annotations

import asyncio
import os
import random

import pytest
from vercel.workflow import HookNotFoundError, start

from tests.crew import Crew, resume, soon
from tests.scenarios.apps import races
from tests.scenarios.apps.payloads import Note

IS_LARGE = "WORKFLOW_PG_TEST_CROWD" in os.environ

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    *[pytest.mark.timeout(1800)] * IS_LARGE,
]

REGISTRIES = [races.wf]
PATIENCE = 1500 if IS_LARGE else 60


def crowd(sample: int, large: int) -> int:
    """How many there are: a few, or as many as an acceptance test has."""
    return large if IS_LARGE else sample


async def resume_about(token: str, text: str, seconds: float) -> None:
    """Resume a hook at about that time; it may be gone by then."""
    await asyncio.sleep(seconds)
    try:
        await resume(Note(text), token)
    except HookNotFoundError:
        return


def winner(crew: Crew, run_id: str, payload: str = "hook_received") -> str:
    """Which of the two came first in the log."""
    query = (
        "select event_type::text from workflow_pg.events where run_id = %s"
        " and event_type::text in (%s, 'wait_completed') order by seq limit 1"
    )
    return crew.session.value(query, run_id, payload)


async def test_payloads_race_a_deadline(crew: Crew) -> None:
    runs = [
        await start(races.deadline, f"deadline {n}") for n in range(crowd(40, 1500))
    ]
    resumes = [
        asyncio.create_task(
            resume_about(f"deadline {n}", "x", random.uniform(0.8, 1.4))
        )
        for n in range(len(runs))
    ]
    for number, run in enumerate(runs):
        won, noted = await crew.result(run, seconds=PATIENCE)
        first = winner(crew, run.run_id)
        assert won == {"hook_received": "payload", "wait_completed": "sleep"}[first]
        assert noted == f"deadline {number} {won}"
        assert races.ran[f"{run.run_id}:{noted}"] == 1
    await asyncio.gather(*resumes)


async def test_a_fresh_hook_in_every_cycle_races_a_heartbeat(crew: Crew) -> None:
    cycles = crowd(8, 55)
    run = await start(races.cycles, "cycle", cycles)
    for number in range(cycles):
        if number % 4 == 3:
            await asyncio.sleep(1.05)  # about when the heartbeat is due
        if number == cycles - 1:
            # One sleep for each cycle, so one more is a heartbeat that has won.
            await crew.reaches(run, "wait_created", cycles + 1)
        await crew.reaches(run, "hook_created", number + 1)
        await soon(resume, Note(f"{number}"), "cycle")
    payloads, beats = await crew.result(run, seconds=PATIENCE)
    assert payloads == cycles
    assert beats >= 1
    assert crew.types(run).count("hook_created") == cycles


async def test_one_hook_races_heartbeats_in_bursts(crew: Crew) -> None:
    bursts, size = crowd(2, 20), 4
    run = await start(races.reused, "burst", bursts * size)
    await crew.reaches(run, "wait_created")
    for _ in range(bursts):
        await asyncio.sleep(1.0)
        await asyncio.gather(*(resume(Note("x"), "burst") for _ in range(size)))
    payloads, _ = await crew.result(run, seconds=PATIENCE)
    assert payloads == bursts * size
    assert {races.ran[f"{run.run_id}:burst {n + 1}"] for n in range(payloads)} == {1}


async def test_rounds_of_parallel_steps_keep_their_checksum(crew: Crew) -> None:
    rounds, width = 4, 4
    runs = [await start(races.fan_out, n, rounds, width) for n in range(crowd(10, 250))]
    for seed, run in enumerate(runs):
        expected = seed
        for _ in range(rounds):
            expected = sum(expected + n for n in range(width))
        assert await crew.result(run, seconds=PATIENCE) == expected


async def test_a_step_races_a_sleep(crew: Crew) -> None:
    for upto in (0.2, 2.0):
        runs = [await start(races.step_or_sleep, upto) for _ in range(crowd(8, 250))]
        for run in runs:
            won, *notes = await crew.result(run, seconds=PATIENCE)
            first = winner(crew, run.run_id, "step_completed")
            assert won == {"step_completed": "step", "wait_completed": "sleep"}[first]
            assert notes == [f"after {won}", "at the end"]


async def test_branches_finish_while_siblings_still_launch(crew: Crew) -> None:
    width = 4
    runs = [
        await start(races.branches, f"branch {n}", width) for n in range(crowd(8, 250))
    ]
    resumes = [
        asyncio.create_task(
            resume_about(f"branch {n}:{branch}", "x", random.uniform(0.1, 1.2))
        )
        for n in range(len(runs))
        for branch in range(width)
    ]
    for run in runs:
        told = await crew.result(run, seconds=PATIENCE)
        assert [text.split()[0] for text in told] == ["0", "1", "2", "3"]
        assert {text.split()[1] for text in told} <= {"x", "watchdog"}
    await asyncio.gather(*resumes)


async def test_the_number_of_steps_depends_on_a_payload(crew: Crew) -> None:
    runs = [await start(races.storm, f"storm {n}") for n in range(crowd(12, 250))]
    resumes = [
        asyncio.create_task(resume_about(f"storm {n}", "5", random.uniform(0.5, 1.3)))
        for n in range(len(runs))
    ]
    for run in runs:
        notes = await crew.result(run, seconds=PATIENCE)
        width = 5 if winner(crew, run.run_id) == "hook_received" else 1
        assert notes == [f"{n} of {width}" for n in range(width)]
    await asyncio.gather(*resumes)
