"""Tables of pages whose rows say which tests show them."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from tests.docs.blocks import ROOT


def rows(page: Path, columns: int) -> list[list[str]]:
    """The rows of the tables of a page that have so many columns and a number first."""
    lines = page.read_text(encoding="utf-8").splitlines()
    cells = [line.strip("|").split("|") for line in lines if line.startswith("| ")]
    return [
        [cell.strip() for cell in row]
        for row in cells
        if len(row) == columns and re.fullmatch(r"[\d.]+", row[0].strip())
    ]


def named(shown: str) -> list[str]:
    """The tests that a cell names."""
    return re.findall(r"`(tests/\S+::test_\w+)`", shown)


def words(shown: str) -> str:
    """What a cell says beside the tests that it names."""
    return re.sub(r"`tests/\S+::test_\w+`,? ?", "", shown)


def assert_exist(shown: str) -> None:
    """Fail when a test or a file that a cell names is not there."""
    for name in named(shown):
        path, _, test = name.partition("::")
        assert test in _functions_of(ROOT / path), name
    for path in re.findall(r"`(tests/[\w/.]+)`", words(shown)):
        assert (ROOT / path).exists(), path


@cache
def _functions_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, functions)}
