"""Logs of workers: which delivery a record belongs to, as text and as JSON."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import run_python, wait_until
from tests.cli.workers import Hire, Hired, start_run
from tests.support import Session

SECRET = "s3cret-payload"

Records = list[dict[str, Any]]


@pytest.fixture
def talking(hire: Hire) -> Callable[..., Hired]:
    """Start a worker of the app that logs."""
    return partial(hire, app="tests.cli.apps.talking:wf")


def is_over(session: Session, run_id: str) -> bool:
    """Whether a run is final."""
    status = session.value("select status::text from workflow_pg.get_run(%s)", run_id)
    return status in {"completed", "failed"}


def run_to_the_end(session: Session, workflow: str) -> str:
    """Start a run of the app that logs; its id, when it is over."""
    run_id = start_run(session, workflow, SECRET, app="talking")
    wait_until(lambda: is_over(session, run_id))
    return run_id


def records(worker: Hired) -> Records:
    """Its log; every line has to be an object."""
    return [json.loads(line) for line in worker.log.read_text().splitlines()]


def said(found: Records, message: str) -> dict[str, Any]:
    """The record with a message."""
    (record,) = [one for one in found if one["message"] == message]
    return record


def test_every_record_of_a_delivery_says_which_it_is(
    talking: Callable[..., Hired], session: Session
) -> None:
    worker = talking("--log-format", "json")
    run_id = run_to_the_end(session, "talk")
    step_id = session.value("select step_id from workflow_pg.steps")
    assert worker.end() == 0
    found = records(worker)
    (worker_id,) = {one["worker_id"] for one in found}
    assert f"worker {worker_id} serves" in found[0]["message"]

    step = said(found, "in the step")
    assert step.pop("message_id").startswith("msg_")
    assert datetime.fromisoformat(step.pop("time")).tzinfo is not None
    assert step == {
        "level": "info",
        "logger": "talking",
        "message": "in the step",
        "worker_id": worker_id,
        "run_id": run_id,
        "step_id": step_id,
        "step_name": "step//tests.cli.apps.talking//say",
        "attempt": 1,
        "delivery": 1,
        "colour": "blue",
    }
    # A workflow is replayed, and logs each time.
    replays = [one for one in found if one["message"] == "in the workflow"]
    assert len(replays) == 2
    for replay in replays:
        assert replay["run_id"] == run_id
        assert replay["message_id"]
        assert "step_id" not in replay
        assert "attempt" not in replay


@pytest.mark.tells_tracebacks
def test_an_exception_is_a_field(
    talking: Callable[..., Hired], session: Session
) -> None:
    worker = talking("--log-format", "json")
    run_id = run_to_the_end(session, "stumble")
    assert worker.end() == 0
    assert worker.log.read_bytes().isascii()
    found = [one for one in records(worker) if "exception" in one]
    step = next(one for one in found if one["step_name"])
    assert step["run_id"] == run_id
    assert step["level"] == "error"
    assert step["exception"]["type"] == "FatalError"
    assert step["exception"]["message"] == "broken\x1b[2J"
    assert "in fail" in step["exception"]["traceback"]


@pytest.mark.tells_tracebacks
def test_a_text_is_one_line_for_people_and_moves_no_terminal(
    talking: Callable[..., Hired], session: Session
) -> None:
    worker = talking()
    run_id = run_to_the_end(session, "stumble")
    assert worker.end() == 0
    text = worker.log.read_text()
    assert not {"\x1b", "\u202e"} & set(text)
    (line,) = [one for one in text.splitlines() if "talking: " in one]
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} WARNING talking: going to fail\[2J"
        rf" \[run={run_id} step=step_\w+ name=step//tests.cli.apps.talking//fail"
        r" attempt=1\]",
        line,
    )
    # What follows a line is set in.
    assert '\n    File "' in text


@pytest.mark.tells_tracebacks
@pytest.mark.parametrize("how", ["text", "json"])
def test_no_payload_is_logged(
    how: str, talking: Callable[..., Hired], session: Session
) -> None:
    worker = talking("--log-format", how, "--log-level", "debug")
    for workflow in ("talk", "stumble"):
        run_to_the_end(session, workflow)
    assert worker.end() == 0
    text = worker.log.read_text()
    assert "DEBUG" in text.upper()
    assert SECRET not in text


@pytest.mark.tells_tracebacks
def test_the_level_is_the_least_that_is_logged(
    talking: Callable[..., Hired], session: Session
) -> None:
    # Its first word would be one of information.
    worker = talking("--log-level", "warning", "--log-format", "json", is_silent=True)
    run_to_the_end(session, "stumble")
    assert worker.end() == 0
    assert {one["level"] for one in records(worker)} <= {"warning", "error"}
    assert said(records(worker), "going to\nfail\x1b[2J\u202e")


def test_an_app_that_sets_up_logging_keeps_its_own_way_unless_one_is_named(
    tmp_path: Path,
) -> None:
    code = (
        "import logging\n"
        "from workflow_pg.cli.logs import LogFormat, set_up_logs\n"
        "{before}logging.basicConfig(format='its own: %(message)s')\n"
        "set_up_logs({wanted}, None)\n"
        "logging.warning('hello')\n"
    )
    own = run_python("-c", code.format(before="", wanted="None"), cwd=tmp_path)
    assert own.stderr == "its own: hello\n"
    named = "LogFormat.JSON"
    before = f"set_up_logs({named}, None); "
    ours = run_python("-c", code.format(before=before, wanted=named), cwd=tmp_path)
    assert json.loads(ours.stderr)["message"] == "hello"


def test_the_filter_serves_formats_of_ones_own() -> None:
    from workflow_pg.sdk.logs import FIELDS, DeliveryFilter

    record = logging.makeLogRecord({"run_id": "mine"})
    assert DeliveryFilter().filter(record)
    told = {name: getattr(record, name) for name in FIELDS}
    assert told.pop("run_id") == "mine"
    assert set(told.values()) == {None}
