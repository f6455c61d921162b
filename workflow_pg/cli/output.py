"""What commands print and how they end: tables for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
import sys
import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

__all__ = [
    "CommandError",
    "ExitCode",
    "clean",
    "table",
    "write_error",
    "write_json",
    "write_line",
]

_GAP = "  "


class ExitCode(IntEnum):
    """How a command ends. The words are those of `--help`."""

    words: str

    def __new__(cls, value: int, words: str) -> ExitCode:
        """Make a number that knows its words."""
        code = int.__new__(cls, value)
        code._value_ = value
        code.words = words
        return code

    OK = 0, "done, or the answer is yes"
    NEGATIVE = 1, "the answer is no: something is pending, or differs"
    USAGE = 2, "the command line is wrong, or the DSN or the app it names"
    NOT_FOUND = 3, "nothing of that name is there"
    REFUSED = 4, "the state of the database forbids it"
    UNUSABLE = 5, "the database cannot be reached, or its schema cannot be used"
    INTERRUPTED = 130, "interrupted from the keyboard"


class CommandError(Exception):
    """A command ends here: one sentence for standard error, and the exit code."""

    def __init__(self, sentence: str, *, code: ExitCode) -> None:
        super().__init__(sentence)
        self.code = code


def clean(value: object) -> str:
    """Write a value on one line, without anything a terminal would obey."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        text = value.isoformat(sep=" ", timespec="milliseconds")
    else:
        text = str(value)
    # Controls, directions, lone surrogates, line and paragraph separators.
    return "".join(
        " " if c in "\n\t" else c
        for c in text
        if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    )


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Lay rows out under their headings, in columns as wide as they need to be."""
    lines = [list(headings), *([clean(value) for value in row] for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        _GAP.join(
            cell + " " * (width - _width(cell))
            for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def write_line(text: str) -> None:
    """Print a line of progress at once, cleaned."""
    print(clean(text), flush=True)


def write_json(value: object) -> None:
    """Print a value, dataclasses and times included, as one JSON document."""
    # Everything outside ASCII is escaped, so this too is safe on a terminal.
    print(json.dumps(value, default=_jsonable, indent=2))


def write_error(sentence: str) -> None:
    """Print why a command ended."""
    print(f"workflow-pg: {clean(sentence)}", file=sys.stderr)


def _width(text: str) -> int:
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _jsonable(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} has no form in JSON")
