"""`workflow-pg runs`: attributes are shown, and runs are looked for by them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.command import Command
from tests.support import WORKFLOW, Session
from workflow_pg.cli import main
from workflow_pg.cli.output import ExitCode

HOSTILE = "a\x1b[2J\u202eb\nc"


def new_run(db: Session, **attributes: str) -> str:
    """A run that has these attributes."""
    facts: dict[str, Any] = {"workflowName": WORKFLOW, "attributes": attributes}
    return db.new_run("pending", facts=facts)


def test_a_run_is_shown_with_its_attributes(db: Session, command: Command) -> None:
    run_id = new_run(db, tenant="t1", env="prod", empty="")
    said = command("runs", "show", run_id)
    assert "attribute empty: \nattribute env: prod\nattribute tenant: t1\n" in said
    found = json.loads(command("runs", "show", run_id, "--json"))
    assert found["run"]["attributes"] == {"tenant": "t1", "env": "prod", "empty": ""}


def test_runs_are_listed_by_their_attributes(db: Session, command: Command) -> None:
    one = new_run(db, tenant="t1", env="prod")
    two = new_run(db, tenant="t1", note="a=b c")
    new_run(db, tenant="t2")

    def listed(*words: str) -> list[str]:
        found = json.loads(command("runs", "list", *words, "--json"))
        return [run["run_id"] for run in found]

    assert listed("--where", "tenant=t1") == [two, one]
    assert listed("--where", "tenant=t1", "--where", "env=prod") == [one]
    assert listed("--where", "tenant=t1", "--where", "tenant=t1") == [two, one]
    assert listed("--where", "note=a=b c") == [two]
    assert listed("--where", "tenant=t1", "--workflow", "nonesuch") == []
    assert listed("--where", "tenant=", "--status", "pending") == []
    assert one in command("runs", "list", "--where", "env=prod")
    assert command("runs", "list", "--where", "env=nowhere") == "no runs\n"


def test_hostile_attributes_do_nothing_to_a_terminal(
    db: Session, command: Command
) -> None:
    run_id = new_run(db, **{HOSTILE: HOSTILE})
    assert "attribute a[2Jb c: a[2Jb c\n" in command("runs", "show", run_id)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["tenant"], "'tenant' is no pair: write KEY=VALUE"),
        (["=t1"], "'=t1' is no pair: write KEY=VALUE"),
        ([""], "an empty text is no value"),
        (["a=1", "a=2"], "--where names a with two values, and no run has both."),
    ],
)
def test_a_wrong_pair_is_refused_in_a_sentence(
    db: Session, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wheres = [word for pair in words for word in ("--where", pair)]
    assert main(["runs", "list", *wheres, "--dsn", db.dsn]) == ExitCode.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err.splitlines()[-1]
