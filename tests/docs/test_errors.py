"""docs/errors.md says what the functions, the classes and the command do."""

from __future__ import annotations

import re

import psycopg
import pytest

from tests.docs.blocks import ROOT
from workflow_pg.cli import main
from workflow_pg.cli.output import ExitCode
from workflow_pg.errors import BY_SQLSTATE

PAGE = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
RUN = "wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV"


def summary() -> dict[str, tuple[str, int]]:
    """The first table: class and exit code by SQLSTATE."""
    rows = re.findall(
        r"^\| (WF\d+) \| [^|]+ \| `(\w+)` \| (\d) \|$", PAGE, re.MULTILINE
    )
    return {code: (name, int(number)) for code, name, number in rows}


def sections() -> dict[str, str]:
    """The text about each code."""
    parts = re.split(r"^### (WF\d+) .*$", PAGE.partition("\n## Other")[0], flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def raisers(code: str) -> set[str]:
    """The functions and views that contain a code."""
    files = sorted((ROOT / "sql").rglob("*.sql"))
    return {path.stem for path in files if f"'{code}'" in path.read_text()}


def test_the_table_has_the_classes_of_python() -> None:
    classes = {code: cls.__name__ for code, cls in BY_SQLSTATE.items()}
    assert {code: name for code, (name, _) in summary().items()} == classes


@pytest.mark.parametrize("code", BY_SQLSTATE)
def test_a_code_has_its_raisers(code: str) -> None:
    text = sections()[code].partition("Raised by:")[2].partition(".")[0]
    assert set(re.findall(r"`(\w+)`", text)) == raisers(code)


@pytest.mark.parametrize("code", BY_SQLSTATE)
def test_a_code_says_what_to_do(code: str) -> None:
    assert "What to do: " in sections()[code]
    assert "`detail." in sections()[code]


def test_every_section_is_about_a_code_that_is_raised() -> None:
    assert sections().keys() == BY_SQLSTATE.keys()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("WF404", ["runs", "show", RUN]),
        ("WF409", ["runs", "cancel", "COMPLETED"]),
        ("WF410", ["runs", "wake", "COMPLETED"]),
        ("WF422", ["runs", "cancel", "COMPLETED", "--reason", "x" * 513]),
    ],
)
def test_a_refusal_ends_the_command_with_its_code(
    code: str,
    words: list[str],
    dsn: str,
    conn: psycopg.Connection,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (completed,) = conn.execute(
        "select run_id from workflow_pg.create_run(null, 'w', '')"
    ).fetchall()[0]
    conn.execute("select from workflow_pg.complete_run(%s, '')", [completed])
    words = [completed if word == "COMPLETED" else word for word in words]
    assert main([*words, "--dsn", dsn]) == summary()[code][1]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("workflow-pg: ")
    assert printed.err.count("\n") == 1


def test_a_malformed_call_ends_the_command_with_its_code(
    dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["runs", "list", "--limit", "0", "--dsn", dsn]
    assert main(words) == summary()["WF400"][1]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "limit" in printed.err.splitlines()[-1]


def test_every_exit_code_is_there() -> None:
    told = {int(number) for number in re.findall(r"\| (\d+) \|$", PAGE, re.MULTILINE)}
    rest = PAGE.partition("Other exit codes:")[2].partition("\n\n")[0]
    told |= {int(number) for number in re.findall(r"\b\d+\b", rest)}
    assert told == {code.value for code in ExitCode}
