"""Code that changes while runs of it are under way, and logs that do not fit it."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from vercel.workflow import start

from tests.crew import Crew, at_work

_numbers = itertools.count()

HEAD = """
from vercel.workflow import Workflows, sleep

wf = Workflows()

@wf.step
async def first(value):
    return value

@wf.step
async def second(value):
    return value

"""
BEFORE = """
@wf.workflow
async def walk():
    one = await first(1)
    await sleep("1h")
    return one + await second(2)
"""


class Deployed:
    """A module that is imported anew in each replay, so its text counts at once.

    Its workflow sleeps until the test lets it go on.
    """

    def __init__(self, folder: Path) -> None:
        self.name = f"deployed_{next(_numbers)}"
        self._path = folder / f"{self.name}.py"

    def deploy(self, text: str) -> None:
        """Put another release in place."""
        self._path.write_text(HEAD + text, encoding="utf-8")


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployed:
    """The module as of the first release."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    deployed = Deployed(tmp_path)
    deployed.deploy(BEFORE)
    return deployed


@pytest.fixture
async def asleep(dsn: str, release: Deployed) -> AsyncIterator[tuple[Crew, Any]]:
    """A run that sleeps, and its worker."""
    module: Any = importlib.import_module(release.name)
    async with at_work(dsn, module.wf) as crew:
        run = await start(module.walk)
        await crew.reaches(run, "wait_created")
        yield crew, run


async def test_another_step_in_the_same_place_fails_the_run_by_both_names(
    asleep: tuple[Crew, Any], release: Deployed
) -> None:
    crew, run = asleep
    release.deploy(BEFORE.replace("await first(1)", "await second(1)"))
    crew.end_sleeps(run)
    failure = await crew.failure(run)
    assert failure.error_code == "REPLAY_DIVERGENCE"
    assert f"recorded step 'step//{release.name}//first'" in str(failure)
    assert f"now calls 'step//{release.name}//second'" in str(failure)


async def test_a_sleep_in_the_place_of_a_step_fails_the_run(
    asleep: tuple[Crew, Any], release: Deployed
) -> None:
    crew, run = asleep
    release.deploy(BEFORE.replace("one = await first(1)", 'one = await sleep("1s")'))
    crew.end_sleeps(run)
    failure = await crew.failure(run)
    assert failure.error_code == "REPLAY_DIVERGENCE"
    assert "recorded a 'step' call, but the body now issues a 'wait' call" in str(
        failure
    )


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(BEFORE.replace("first(1)", "first(value=1)"), id="by keyword"),
        pytest.param(
            BEFORE.replace("    one = await first(1)", "    one = await helper()")
            + "\n\nasync def helper():\n    return await first(1)\n",
            id="moved to a function",
        ),
        pytest.param(
            BEFORE.replace("second(2)", "second(1 + 1)") + "\nUNUSED = 1\n",
            id="reworded",
        ),
    ],
)
async def test_the_same_calls_in_other_words_go_on(
    asleep: tuple[Crew, Any], release: Deployed, after: str
) -> None:
    crew, run = asleep
    release.deploy(after)
    crew.end_sleeps(run)
    assert await crew.result(run) == 3


async def test_a_new_parameter_with_a_default_goes_on(
    asleep: tuple[Crew, Any], release: Deployed
) -> None:
    crew, run = asleep
    release.deploy(BEFORE.replace("walk()", "walk(extra=None)"))
    crew.end_sleeps(run)
    assert await crew.result(run) == 3


async def test_an_event_of_an_unknown_step_fails_the_run(
    asleep: tuple[Crew, Any],
) -> None:
    crew, run = asleep
    facts = {"stepName": "step//nobody//knows"}
    crew.session.append(
        run.run_id, "step_created", "step_unknown", facts=facts, payload=b"x"
    )
    crew.end_sleeps(run)
    failure = await crew.failure(run)
    assert failure.error_code == "REPLAY_DIVERGENCE"
    assert "has not registered its suspension" in str(failure)
