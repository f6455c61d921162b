"""`workflow-pg import`: what it prints, and how it ends."""

from __future__ import annotations

import json

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.importing import real
from tests.support import Session
from workflow_pg.cli import main


def test_it_counts_and_ends_well(
    dsn: str, ours: Session, empty_dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    there = real.load("4.3.7", empty_dsn)
    assert main(["import", "--from", empty_dsn, "--dsn", dsn]) == 0
    *_, last = capsys.readouterr().out.splitlines()
    runs = f"runs: {len(there)} imported, 0 present, 0 changed, 0 refused;"
    assert last.startswith(runs)
    assert ours.value("select count(*) from workflow_pg.runs") == len(there)


def test_what_could_not_be_taken_is_a_row_and_an_exit_code(
    dsn: str, empty_dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    there = real.load("5.0.0-beta.29", empty_dsn)
    newer, broken = there[0]["run"]["runId"], there[1]["run"]["runId"]
    with psycopg.connect(empty_dsn) as other:
        other.execute(
            "update workflow.workflow_runs set spec_version = 9 where id = %s", [newer]
        )
        other.execute(
            "update workflow.workflow_events set payload_cbor = '\\xd8'"
            " where run_id = %s and type = 'step_failed'",
            [broken],
        )
    command = ["import", "--from", empty_dsn, "--dsn", dsn]
    assert main([*command, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["runs"] == {"imported": len(there) - 2, "refused": 2}
    assert not told["is_complete"]
    left = [p for p in told["problems"] if not p["is_taken"]]
    assert [(p["run_id"], p["kind"], p["code"]) for p in left] == [
        (newer, "run", "WF426"),
        (broken, "run", None),
    ]
    assert main(command) == 1
    printed = capsys.readouterr().out
    assert f"run {newer} has spec version 9: 1 to 7 are supported" in printed


def test_a_queued_start_of_a_run_that_was_never_stored_is_told(
    dsn: str, empty_dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    real.load("4.3.7", empty_dsn)
    message = json.dumps({"runId": "wrun_never", "runInput": {"workflowName": "w"}})
    hook = json.dumps({"runId": "wrun_x", "hookInput": {"hookId": "hook_1"}})
    with psycopg.connect(empty_dsn) as other:
        other.execute("create schema graphile_worker")
        other.execute(
            "create table graphile_worker._private_jobs (id bigint, payload json)"
        )
        for text in (message, hook, "no JSON"):
            other.execute(
                "insert into graphile_worker._private_jobs values (7,"
                " json_build_object('data', encode(convert_to(%s, 'UTF8'), 'base64')))",
                [text],
            )
    assert main(["import", "--from", empty_dsn, "--dsn", dsn, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)["problems"]
    assert [(p["kind"], p["run_id"]) for p in told if not p["is_taken"]] == [
        ("job", "wrun_never"),
        ("job", "wrun_x"),
    ]


def test_another_database_is_named(
    dsn: str, empty_dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", "--from", empty_dsn, "--dsn", dsn]) == 5
    assert "no database of @workflow/world-postgres" in capsys.readouterr().err


def test_tables_that_may_not_be_read_are_told_before_anything_is_taken(
    dsn: str, ours: Session, empty_dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    real.load("4.3.7", empty_dsn)
    # A login of the server that owns nothing there.
    nobody = make_conninfo(empty_dsn, options="-c role=pg_monitor")
    assert main(["import", "--from", nobody, "--dsn", dsn]) == 5
    assert "workflow_events that its login may read" in capsys.readouterr().err
    assert ours.value("select count(*) from workflow_pg.runs") == 0


@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        ("nonsense", 2, "--from is not a connection string"),
        ("host=127.0.0.1 port=1 dbname=x", 5, "The other database cannot be read"),
    ],
)
def test_a_database_that_cannot_be_read_is_one_sentence(
    dsn: str, source: str, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", "--from", source, "--dsn", dsn]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert words in captured.err
