"""docs/scenarios.md: every row has a test that exists, or says why there is none."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT

PAGE = ROOT / "docs/scenarios.md"
LAST = 140
TESTED_AT_LEAST = 100

TEXT = PAGE.read_text(encoding="utf-8")
ROWS: dict[int, tuple[str, str]] = {
    int(number): (scenario, shown)
    for number, scenario, shown in re.findall(
        r"^\| (\d+) \| (.+?) \| (.+) \|$", TEXT, re.MULTILINE
    )
}


def named(shown: str) -> list[str]:
    """The tests that a row names."""
    return re.findall(r"`(tests/\S+::test_\w+)`", shown)


@cache
def functions_of(path: Path) -> set[str]:
    """The names of the functions of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, functions)}


def test_the_numbers_are_complete() -> None:
    numbers = [int(n) for n in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)]
    assert numbers == list(ROWS) == list(range(1, LAST + 1))


def test_a_hundred_rows_have_tests() -> None:
    tested = [number for number, (_, shown) in ROWS.items() if named(shown)]
    assert len(tested) >= TESTED_AT_LEAST


@pytest.mark.parametrize("number", ROWS)
def test_a_row_names_tests_that_exist_or_says_why_not(number: int) -> None:
    _, shown = ROWS[number]
    for name in named(shown):
        path, _, test = name.partition("::")
        assert test in functions_of(ROOT / path), name
    # A row of tests has nothing beside them; another one has words.
    rest = re.sub(r"`tests/\S+::test_\w+`,? ?", "", shown)
    assert bool(rest) != bool(named(shown))
    for path in re.findall(r"`(tests/[\w/.]+)`", rest):
        assert (ROOT / path).exists(), path
