"""`workflow-pg migrate ...` as people and programs call it: words, JSON, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier

from workflow_pg.cli import main
from workflow_pg.cli.output import ExitCode
from workflow_pg.migrate import packaged_stamp


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a directory without a development server, with nothing in the environment."""
    monkeypatch.delenv("WORKFLOW_PG_DSN", raising=False)
    monkeypatch.chdir(tmp_path)


def _sentence(capsys: pytest.CaptureFixture[str]) -> str:
    """What a refused command said: one line, on standard error alone."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("workflow-pg: ")
    assert err.count("\n") == 1
    assert "hunter2" not in err
    assert "Traceback" not in err
    return err


def test_from_nothing_to_up_to_date(
    empty_dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    database = ["--dsn", empty_dsn]
    assert main(["migrate", "plan", *database]) == ExitCode.NEGATIVE
    said = capsys.readouterr().out
    assert "migrations/0001_schemas_and_ledger.sql" in said
    assert "locks: none: every object is new." in said
    assert main(["migrate", "status", *database]) == ExitCode.NEGATIVE
    assert "not installed" in capsys.readouterr().out
    assert main(["migrate", "verify", *database]) == ExitCode.REFUSED
    assert "run `workflow-pg migrate up` first" in _sentence(capsys)

    assert main(["migrate", "up", *database]) == ExitCode.OK
    assert "applied sql/" in capsys.readouterr().out

    assert main(["migrate", "plan", *database]) == ExitCode.OK
    assert capsys.readouterr().out == "nothing is pending\n"
    assert main(["migrate", "status", *database]) == ExitCode.OK
    assert "up to date" in capsys.readouterr().out
    assert main(["migrate", "verify", *database]) == ExitCode.OK


def test_programs_get_json(empty_dsn: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--json", "--dsn", empty_dsn]
    assert main(["migrate", "plan", *options]) == ExitCode.NEGATIVE
    plan = json.loads(capsys.readouterr().out)
    assert plan["migrations"][0] == {
        "name": "0001_schemas_and_ledger.sql",
        "has_transaction": True,
        "locks": "none: every object is new.",
        "statement_locks": ["not judged: do $$"],
    }
    assert main(["migrate", "up", *options]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["state"] == "ready"
    assert main(["migrate", "status", *options]) == ExitCode.OK
    status = json.loads(capsys.readouterr().out)
    assert status["migration"] == packaged_stamp().migration
    assert status["pending_migrations"] == []
    assert main(["migrate", "verify", *options]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out) == []


def test_drift_is_a_negative_answer(
    empty_dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate", "up", "--dsn", empty_dsn]) == ExitCode.OK
    with psycopg.connect(empty_dsn, autocommit=True) as connection:
        connection.execute("drop function workflow_pg.schema_version")
    capsys.readouterr()
    assert main(["migrate", "verify", "--dsn", empty_dsn]) == ExitCode.NEGATIVE
    out = capsys.readouterr().out
    assert "missing  function workflow_pg.schema_version()" in out
    arguments = ["migrate", "verify", "--json", "--dsn", empty_dsn]
    assert main(arguments) == ExitCode.NEGATIVE
    assert json.loads(capsys.readouterr().out) == [
        {"kind": "missing", "title": "function workflow_pg.schema_version()"}
    ]


def test_the_script_needs_no_database(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "sql"]) == ExitCode.OK
    assert capsys.readouterr().out.startswith("-- workflow-pg ")


def test_the_environment_names_the_database(
    dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKFLOW_PG_DSN", dsn)
    assert main(["migrate", "status"]) == ExitCode.OK
    assert "up to date" in capsys.readouterr().out
    monkeypatch.setenv("WORKFLOW_PG_DSN", "host=127.0.0.1 port=1")
    assert main(["migrate", "status", "--dsn", dsn]) == ExitCode.OK


def test_no_database_is_one_sentence_with_three_ways(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["migrate", "up"]) == ExitCode.USAGE
    sentence = _sentence(capsys)
    for way in ("--dsn", "WORKFLOW_PG_DSN", "`workflow-pg dev`"):
        assert way in sentence


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("hunter2", ExitCode.USAGE),
        ("postgresql://app:hunter2@[::1/x", ExitCode.USAGE),
        ("postgresql://app:hunter2@localhost/x?sslmood=off", ExitCode.USAGE),
        ("postgresql://app:hunter2@127.0.0.1:1/x", ExitCode.UNUSABLE),
        ("host=127.0.0.1 port=1 password=hunter2", ExitCode.UNUSABLE),
    ],
)
def test_a_dsn_that_leads_nowhere_is_one_sentence(
    address: str, code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("up", "plan", "status", "verify"):
        assert main(["migrate", command, "--dsn", address]) == code
        _sentence(capsys)


def test_an_empty_dsn_means_no_other_database(
    dsn: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKFLOW_PG_DSN", dsn)
    assert main(["migrate", "status", "--dsn", ""]) == ExitCode.USAGE
    assert "--dsn is empty" in _sentence(capsys)


def test_a_wrong_database_or_password_is_unusable(
    empty_dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = make_conninfo(empty_dsn, dbname="nonesuch")
    assert main(["migrate", "up", "--dsn", nowhere]) == ExitCode.UNUSABLE
    assert 'database "nonesuch" does not exist' in _sentence(capsys)
    if conninfo_to_dict(empty_dsn).get("password"):
        wrong = make_conninfo(empty_dsn, password="hunter2")
        assert main(["migrate", "up", "--dsn", wrong]) == ExitCode.UNUSABLE
        _sentence(capsys)


def test_a_refusing_state_has_its_code(
    empty_dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(empty_dsn, autocommit=True) as connection:
        connection.execute("create schema workflow_pg")
    for command in ("up", "plan", "status", "verify"):
        assert main(["migrate", command, "--dsn", empty_dsn]) == ExitCode.REFUSED
        assert "was not made by workflow-pg" in _sentence(capsys)


def test_names_that_are_not_there_have_their_code(
    dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (
        ["grant", "postgres", "workflow_king"],
        ["grant", "nobody_of_that_name", "workflow_client"],
        ["up", "--accept-checksum", "0001_schemas_and_ledger.sql"],
    ):
        assert main(["migrate", *arguments, "--dsn", dsn]) == ExitCode.NOT_FOUND
        _sentence(capsys)


def test_grant_says_what_it_did(dsn: str, capsys: pytest.CaptureFixture[str]) -> None:
    name = f"login_of_{conninfo_to_dict(dsn)['dbname']}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(SQL("create role {} login").format(Identifier(name)))
        try:
            arguments = ["migrate", "grant", name, "workflow_client", "--dsn", dsn]
            assert main(arguments) == ExitCode.OK
            assert f"granted workflow_client to {name}\n" in capsys.readouterr().out
            assert main([*arguments, "--json"]) == ExitCode.OK
            assert json.loads(capsys.readouterr().out) == {
                "login": name,
                "role": "workflow_client",
            }
        finally:
            connection.execute(SQL("drop role {}").format(Identifier(name)))


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["migrate"],
        ["migrate", "down"],
        ["migrate", "up", "extra"],
        ["migrate", "up", "--accept"],
        ["migrate", "grant", "somebody"],
        ["migrate", "sql", "--dsn", "x"],
    ],
)
def test_a_wrong_command_line_is_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == ExitCode.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: workflow-pg")


def test_help_documents_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == ExitCode.OK
    said = capsys.readouterr().out
    for code in ExitCode:
        assert f"  {code.value:<4}{code.words}\n" in said
    assert main(["--version"]) == ExitCode.OK
    assert capsys.readouterr().out.startswith("workflow-pg ")
