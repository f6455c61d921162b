"""Crowds of runs in which payloads, sleeps and steps race.

No run is corrupted, none is stuck, and each outcome is the one that its log tells. The
crowds are samples; `make test-crowd` has them at the size of an acceptance test.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from vercel.workflow import HookNotFoundError, Run, start

from tests.crew import Crew, resume, soon
from tests.scenarios.apps import races
from tests.scenarios.apps.payloads import Note
from tests.scenarios.crowds import crowd, takes_its_time

T = TypeVar("T")

pytestmark = [pytest.mark.asyncio(loop_scope="module"), takes_its_time]

REGISTRIES = [races.wf]
WAVE = 50
"""Runs at a time: more of them would not race, but queue."""


async def in_waves(
    crew: Crew, count: int, begin: Callable[[int], Awaitable[Run[T]]]
) -> list[tuple[int, Run[T], T]]:
    """The number, the run and its result, of every run of a crowd."""
    told: list[tuple[int, Run[T], T]] = []
    for first in range(0, count, WAVE):
        numbers = range(first, min(first + WAVE, count))
        runs = await asyncio.gather(*(begin(number) for number in numbers))
        await crew.ended(*runs, seconds=60)
        for number, run in zip(numbers, runs, strict=True):
            told.append((number, run, await run.return_value()))
    return told


async def resume_about(token: str, text: str, seconds: float) -> None:
    """Resume a hook at about that time; it may be gone by then."""
    await asyncio.sleep(seconds)
    for _ in range(20):
        try:
            await resume(Note(text), token)
        except HookNotFoundError:
            await asyncio.sleep(0.05)
        else:
            return


def winner(crew: Crew, run: Run[Any], payload: str = "hook_received") -> str:
    """Which of the two came first in the log."""
    query = (
        "select event_type::text from workflow_pg.events where run_id = %s"
        " and event_type::text in (%s, 'wait_completed') order by seq limit 1"
    )
    return crew.session.value(query, run.run_id, payload)


async def test_payloads_race_a_deadline(crew: Crew) -> None:
    async with asyncio.TaskGroup() as resumes:

        async def begin(number: int) -> Run[list[str]]:
            token = f"deadline {number}"
            run = await start(races.deadline, token)
            resumes.create_task(resume_about(token, "x", random.uniform(0.8, 1.4)))
            return run

        told = await in_waves(crew, crowd(40, 1500), begin)
    for number, run, (won, noted) in told:
        first = winner(crew, run)
        assert won == {"hook_received": "payload", "wait_completed": "sleep"}[first]
        assert noted == f"deadline {number} {won}"
        assert races.ran[f"{run.run_id}:{noted}"] == 1


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
    payloads, beats = await crew.result(run)
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
    payloads, _ = await crew.result(run)
    assert payloads == bursts * size
    assert {races.ran[f"{run.run_id}:burst {n + 1}"] for n in range(payloads)} == {1}


async def test_rounds_of_parallel_steps_keep_their_checksum(crew: Crew) -> None:
    rounds, width = 4, 4
    told = await in_waves(
        crew, crowd(10, 250), lambda seed: start(races.fan_out, seed, rounds, width)
    )
    for seed, _, result in told:
        expected = seed
        for _ in range(rounds):
            expected = sum(expected + n for n in range(width))
        assert result == expected


@pytest.mark.parametrize("upto", [0.2, 2.0], ids=["step", "sleep"])
async def test_a_step_races_a_sleep(crew: Crew, upto: float) -> None:
    told = await in_waves(
        crew, crowd(8, 250), lambda _: start(races.step_or_sleep, upto)
    )
    for _, run, (won, *notes) in told:
        first = winner(crew, run, "step_completed")
        assert won == {"step_completed": "step", "wait_completed": "sleep"}[first]
        assert notes == [f"after {won}", "at the end"]


async def test_branches_finish_while_siblings_still_launch(crew: Crew) -> None:
    width = 4
    async with asyncio.TaskGroup() as resumes:

        async def begin(number: int) -> Run[list[str]]:
            run = await start(races.branches, f"branch {number}", width)
            for branch in range(width):
                token = f"branch {number}:{branch}"
                resumes.create_task(resume_about(token, "x", random.uniform(0.1, 1.2)))
            return run

        told = await in_waves(crew, crowd(8, 250), begin)
    for _, _, notes in told:
        assert [note.split()[0] for note in notes] == ["0", "1", "2", "3"]
        assert {note.split()[1] for note in notes} <= {"x", "watchdog"}


async def test_the_number_of_steps_depends_on_a_payload(crew: Crew) -> None:
    async with asyncio.TaskGroup() as resumes:

        async def begin(number: int) -> Run[list[str]]:
            run = await start(races.storm, f"storm {number}")
            token, seconds = f"storm {number}", random.uniform(0.5, 1.3)
            resumes.create_task(resume_about(token, "5", seconds))
            return run

        told = await in_waves(crew, crowd(12, 250), begin)
    for _, run, notes in told:
        width = 5 if winner(crew, run) == "hook_received" else 1
        assert notes == [f"{n} of {width}" for n in range(width)]
