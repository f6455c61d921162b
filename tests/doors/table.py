"""The table of `docs/doors.md`: which door has an operation, under which name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "doors.md"

# Each door, and the column that tells its names.
DOORS = {"async": 0, "sync": 0, "sql": 1, "json": 2, "typescript": 3}


def names(door: str) -> dict[str, str | None]:
    """The name of each operation, None where the door does not have it."""
    rows = re.findall(r"^\| (\w+_\w+) \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    cells = {operation: told.split(" | ")[DOORS[door]] for operation, told in rows}
    found = {operation: re.match("`(.+?)`", cell) for operation, cell in cells.items()}
    return {operation: match and match[1] for operation, match in found.items()}


def through_those_with(operation: str) -> pytest.MarkDecorator:
    """Ask a question through the doors that have an operation."""
    having = [door for door in DOORS if names(door)[operation]]
    return pytest.mark.parametrize("door", having, indirect=True)
