"""`runs list --watch` and `events --follow` where there is no terminal."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.command import environment, wait_until
from tests.support import WORKFLOW, Session, new_run_id
from workflow_pg.cli import main
from workflow_pg.cli.output import ExitCode

Start = Callable[..., "Looking"]


class Looking:
    """A command that goes on, with its output in a file."""

    def __init__(self, *arguments: str, dsn: str, file: Path) -> None:
        """Start it."""
        self._file = file
        with file.open("wb") as written:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "workflow_pg.cli", *arguments],
                cwd=file.parent,
                env=environment(dsn),
                stdout=written,
                stderr=written,
            )

    def lines(self) -> list[str]:
        """What it has written."""
        return self._file.read_text().splitlines()


@pytest.fixture
def start(db: Session, tmp_path: Path) -> Iterator[Start]:
    """Start commands that go on; none outlives the test."""
    started: list[Looking] = []

    def begin(*arguments: str) -> Looking:
        file = tmp_path / f"{len(started)}.txt"
        started.append(Looking(*arguments, dsn=db.dsn, file=file))
        return started[-1]

    yield begin
    for one in started:
        one.process.kill()
        one.process.wait()


def test_a_run_that_changes_is_another_line(db: Session, start: Start) -> None:
    first = db.new_run()
    looking = start("runs", "list", "--watch")
    wait_until(lambda: len(looking.lines()) == 2)
    second = db.new_run("pending")
    wait_until(lambda: len(looking.lines()) == 3)
    db.append(first, "run_cancelled")
    wait_until(lambda: len(looking.lines()) == 4)
    heading, *lines = looking.lines()
    assert heading.split()[:2] == ["run", "status"]
    assert [line.split()[:3] for line in lines] == [
        [first, "running", WORKFLOW],
        [second, "pending", WORKFLOW],
        [first, "cancelled", WORKFLOW],
    ]
    # All of it in the same columns.
    assert {line.index(WORKFLOW) for line in lines} == {heading.index("workflow")}
    looking.process.send_signal(signal.SIGINT)
    assert looking.process.wait(timeout=30) == ExitCode.OK
    assert len(looking.lines()) == 4


def test_a_run_that_changes_is_another_object(db: Session, start: Start) -> None:
    run_id = db.new_run()
    looking = start("runs", "list", "--watch", "--json")
    wait_until(lambda: len(looking.lines()) == 1)
    db.append(run_id, "run_cancelled")
    wait_until(lambda: len(looking.lines()) == 2)
    found = [json.loads(line) for line in looking.lines()]
    assert [(run["run_id"], run["status"]) for run in found] == [
        (run_id, "running"),
        (run_id, "cancelled"),
    ]


def test_events_are_lines_as_they_come_until_the_run_is_final(
    db: Session, start: Start
) -> None:
    run_id = db.new_run()
    looking = start("events", run_id, "--follow")
    wait_until(lambda: len(looking.lines()) == 3)
    db.new_step(run_id, "step_1")
    wait_until(lambda: len(looking.lines()) == 4)
    db.append(run_id, "run_completed", payload=b"1")
    assert looking.process.wait(timeout=30) == ExitCode.OK
    heading, *lines = looking.lines()
    assert heading.split()[:4] == ["seq", "time", "event", "id"]
    assert [line.split()[3] for line in lines] == [
        *("run_created", "run_started", "step_created", "run_completed")
    ]
    assert lines[2].index("step_1") == heading.index("id")


def test_a_log_that_is_followed_is_an_object_on_each_line(
    db: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = db.new_run("completed")
    words = ["events", run_id, "--follow", "--json", "--dsn", db.dsn]
    assert main(words) == ExitCode.OK
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["seq"] for event in found] == [1, 2, 3]


def test_a_run_that_is_not_there_is_not_waited_for(
    db: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["events", new_run_id(), "--follow", "--dsn", db.dsn]
    assert main(words) == ExitCode.NOT_FOUND
    assert capsys.readouterr().err.count("\n") == 1
