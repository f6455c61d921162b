"""What commands print and how they end: tables for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import sys
import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from importlib.util import find_spec
from itertools import zip_longest
from typing import Any

__all__ = [
    "CommandError",
    "ExitCode",
    "brief",
    "cells",
    "clean",
    "is_styled",
    "short",
    "table",
    "time_words",
    "use_plain",
    "write_error",
    "write_json",
    "write_line",
    "write_table",
    "write_words",
]

_GAP = "  "
_WORD = 120
_SENTENCE = 2000
"""Characters of a word and of a sentence in an error, at most."""
_LONG_WORD = re.compile(r"\S{301,}")
_is_plain = False


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
    UNWRITTEN = 6, "what the command says cannot be written: the disk is full"
    INTERRUPTED = 130, "interrupted from the keyboard"


class CommandError(Exception):
    """A command ends here: one sentence for standard error, and the exit code.

    The code is an ExitCode, or that of a process which the command has started.
    """

    def __init__(self, sentence: str, *, code: int) -> None:
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


def use_plain(*, is_plain: bool) -> None:
    """Say whether `--plain` was given: text is plain in a terminal, too."""
    global _is_plain
    _is_plain = is_plain


def is_styled() -> bool:
    """Whether people see colours and live views: in a terminal, with `rich`."""
    if _is_plain or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty() and find_spec("rich") is not None


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    least: Sequence[int] = (),
    has_headings: bool = True,
) -> str:
    """Lay rows out under their headings, in columns as wide as they need to be.

    Args:
        headings: One word for each column.
        rows: Values; a datetime is written in UTC, as `time_words` does.
        least: Widths that the first columns have at least, in characters.
        has_headings: Whether to write the headings.
    """
    lines = [list(headings), *(cells(row) for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    widths = [max(pair) for pair in zip_longest(widths, least, fillvalue=0)]
    return "\n".join(
        _GAP.join(
            cell + " " * (width - _width(cell))
            for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines[0 if has_headings else 1 :]
    )


def cells(row: Sequence[object]) -> list[str]:
    """The values of a row as plain text, cleaned."""
    return [
        time_words(value) if isinstance(value, datetime) else clean(value)
        for value in row
    ]


def write_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    has_exact_times: bool = False,
) -> None:
    """Print rows under their headings.

    In a terminal statuses have colours, and times say how long ago they were; elsewhere
    times are exact.

    Args:
        headings: One word for each column; the first is never shortened.
        rows: Values: a status as its enum, a time as a datetime, else text or a number.
        has_exact_times: Whether times are exact in a terminal, too.
    """
    if is_styled():
        from workflow_pg.cli.look import print_table

        print_table(headings, list(rows), has_exact_times=has_exact_times)
    else:
        print(table(headings, rows))


def write_words(*words: object) -> None:
    """Print a line of words, a status among them in its colour."""
    if is_styled():
        from workflow_pg.cli.look import print_words

        print_words(words)
    else:
        write_line(_GAP.join(cells(words)))


def short(text: str, length: int) -> str:
    """Cut a text that is longer."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def time_words(at: datetime | None) -> str:
    """A time in UTC, to the millisecond."""
    if at is None:
        return ""
    return at.strftime("%Y-%m-%d %H:%M:%S.") + f"{at.microsecond // 1000:03d}"


def write_line(text: str) -> None:
    """Print a line of progress at once, cleaned."""
    print(clean(text), flush=True)


def write_json(value: object, *, is_line: bool = False) -> None:
    """Print a value, dataclasses and times included, as one JSON document."""
    # Everything outside ASCII is escaped, so this too is safe on a terminal.
    indent = None if is_line else 2
    print(json.dumps(value, default=_jsonable, indent=indent), flush=is_line)


def write_error(sentence: str) -> None:
    """Print why a command ended."""
    print(f"workflow-pg: {brief(sentence)}", file=sys.stderr)


def brief(sentence: str) -> str:
    """A sentence, cleaned, in which words that somebody gave are never long."""
    words = _LONG_WORD.sub(lambda found: short(found[0], _WORD), clean(sentence))
    return short(words, _SENTENCE)


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
