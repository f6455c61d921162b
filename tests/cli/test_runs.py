"""`workflow-pg runs ...` and `events`: what people read, and what programs read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Command, environment
from tests.support import STEP, WORKFLOW, Session
from workflow_pg.cli import main
from workflow_pg.cli.output import ExitCode

# Clears the screen, rings, turns the writing round, breaks the line.
HOSTILE = "a\x1b[2J\x07\u202eb\nc"
HARMLESS = "a[2Jb c"


def read_json(command: Command, *arguments: str) -> Any:
    """What a command prints for programs."""
    return json.loads(command(*arguments, "--json"))


def assert_harmless(text: str) -> None:
    """No character in it does anything to a terminal."""
    assert not {"\x1b", "\x07", "\u202e"} & set(text)


def test_no_runs_are_no_runs_in_words(command: Command) -> None:
    assert command("runs", "list") == "no runs\n"
    assert command("runs", "list", "--json") == "[]\n"


def test_runs_are_listed_newest_first_with_their_filters(
    db: Session, command: Command
) -> None:
    pending, completed = db.new_run("pending"), db.new_run("completed")
    lines = command("runs", "list").splitlines()
    assert lines[0].split() == [
        *("run", "status", "workflow", "deployment", "created", "ended")
    ]
    assert lines[1].startswith(f"{completed}  completed  {WORKFLOW}  default")
    assert lines[2].startswith(f"{pending}  pending    {WORKFLOW}  default")

    assert command("runs", "list", "--status", "pending").count("wrun_") == 1
    assert command("runs", "list", "--limit", "1").count("wrun_") == 1
    assert command("runs", "list", "--workflow", WORKFLOW).count("wrun_") == 2
    assert command("runs", "list", "--workflow", "nonesuch") == "no runs\n"
    found = read_json(command, "runs", "list")
    assert [(run["run_id"], run["status"]) for run in found] == [
        (completed, "completed"),
        (pending, "pending"),
    ]
    assert found[0]["completed_at"].endswith("+00:00")


def test_wide_characters_keep_the_columns_straight(
    db: Session, command: Command
) -> None:
    for name in ("workflow//店//注文", "workflow//shop//order-e\u0301"):
        facts = {"workflowName": name, "deploymentId": "default"}
        db.new_run("pending", facts=facts)
    heading, *lines = command("runs", "list").splitlines()
    place = heading.index("deployment")
    # Each wide character takes two places, and the accent none.
    assert [line.index("default") for line in lines] == [place + 1, place - 3]


def test_a_run_is_shown_with_its_steps_and_its_reasons(
    db: Session, command: Command
) -> None:
    run_id = db.new_run(payload=b'devl[[1],"A17"]')
    db.new_step(run_id, "step_1", "completed")
    db.append(
        *(run_id, "hook_created", "hook_1"), facts={"token": "approve"}, wake=False
    )
    said = command("runs", "show", run_id)
    assert said.startswith(f"{run_id}  running  {WORKFLOW}\n")
    assert "deployment default, spec version 7, 6 events, created " in said
    assert 'input: ["A17"]\n' in said
    assert f"step_1  completed  1        {STEP}" in said
    assert f"unserved: no live worker serves {WORKFLOW} in deployment default" in said
    assert "hook: hook hook_1 waits to be resumed by token 'approve'" in said

    found = read_json(command, "runs", "show", run_id)
    assert found["run"]["run_id"] == run_id
    assert b64decode(found["run"]["input"]) == b'devl[[1],"A17"]'
    assert [step["step_id"] for step in found["steps"]] == ["step_1"]
    assert [reason["cause"] for reason in found["why"]] == ["unserved", "hook"]


def test_more_steps_and_events_than_a_page_has_are_all_shown(
    db: Session, command: Command
) -> None:
    run_id = db.new_run()
    db.do(
        "select count(workflow_pg.append_event(p_run_id => %s,"
        " p_event_type => 'step_created', p_correlation_id => format('step_%%s', n),"
        " p_facts => jsonb_build_object('stepName', %s::text)))"
        " from generate_series(1, 1001) as n",
        *(run_id, STEP),
    )
    lines = command("runs", "show", run_id).splitlines()
    assert sum(line.startswith("step_") for line in lines) == 1001
    assert len(read_json(command, "events", run_id)) == 1003


def test_payloads_are_text_where_they_are_text_and_never_long(
    db: Session, command: Command
) -> None:
    for payload, shown in (
        (b"\xff\x00", "2 bytes"),
        (b"encr" + bytes(10), "encrypted, 14 bytes"),
        (b'"' + b"x" * 5000, '"' + "x" * 998 + "…"),
    ):
        run_id = db.new_run(payload=payload)
        assert f"input: {shown}\n" in command("runs", "show", run_id)
        last = command("events", run_id).splitlines()[1]
        assert last.endswith(shown if len(shown) < 60 else "x" * 58 + "…")


def test_hostile_texts_do_nothing_to_a_terminal(db: Session, command: Command) -> None:
    run_id = db.new_run(payload=HOSTILE.encode())
    db.append(run_id, "hook_created", "hook_1", facts={"token": "t\u202eoken"})
    db.append(
        run_id,
        "run_failed",
        payload=HOSTILE.encode(),
        facts={"errorCode": "BAD\u202eCODE"},
    )
    # What no function would store.
    db.do("update workflow_pg.runs set workflow_name = %s", HOSTILE)
    for arguments in (("runs", "list"), ("runs", "show", run_id), ("events", run_id)):
        said = command(*arguments)
        assert HARMLESS in said
        assert_harmless(said)
        programs = command(*arguments, "--json")
        assert programs.isascii()
        assert_harmless(programs)
    assert "error code: BADCODE\n" in command("runs", "show", run_id)
    assert "token=token" in command("events", run_id)


def test_the_log_is_printed_whole_and_in_order(db: Session, command: Command) -> None:
    run_id = db.new_run("completed")
    lines = command("events", run_id).splitlines()
    assert lines[0].split() == ["seq", "time", "event", "id", "facts", "payload"]
    assert [(line.split()[0], line.split()[3]) for line in lines[1:]] == [
        ("1", "run_created"),
        ("2", "run_started"),
        ("3", "run_completed"),
    ]
    found = read_json(command, "events", run_id)
    assert [event["seq"] for event in found] == [1, 2, 3]
    assert found[0]["facts"]["workflowName"] == WORKFLOW


def test_a_run_is_cancelled_once_with_its_reason(db: Session, command: Command) -> None:
    run_id = db.new_run()
    reason = f"ordered twice {HOSTILE}"
    said = command("runs", "cancel", run_id, "--reason", reason)
    assert said == f"run {run_id} is cancelled\n"
    shown = command("runs", "show", run_id)
    assert f"cancelled because: ordered twice {HARMLESS}\n" in shown
    assert "final: the run is cancelled\n" in shown

    with db.nothing_written():
        said = command("runs", "cancel", run_id)
        assert said == f"run {run_id} was cancelled before\n"
        reply = read_json(command, "runs", "cancel", run_id)
        assert (reply["run_status"], reply["seq"]) == ("cancelled", None)


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_a_run_that_is_over_is_not_cancelled(
    db: Session, status: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = db.new_run(status)
    with db.nothing_written():
        arguments = ["runs", "cancel", run_id, "--dsn", db.dsn]
        assert main(arguments) == ExitCode.REFUSED
    assert capsys.readouterr() == (
        "",
        f"workflow-pg: Run {run_id} is {status}: only a run that is not over is"
        " cancelled.\n",
    )


def test_a_reader_that_has_seen_enough_is_no_error(db: Session, tmp_path: Path) -> None:
    db.new_run("pending")
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "workflow_pg.cli", "runs", "list"],
        cwd=tmp_path,
        env=environment(db.dsn),
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        timeout=30,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
