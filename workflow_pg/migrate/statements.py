"""SQL texts taken apart just far enough: statements, what they define and lock.

This is no parser. It knows where comments, strings and dollar quotes end, which is
what it takes to cut a file into statements and to look at how each one begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Defined", "defined", "locks", "statements"]

_TOKEN = re.compile(
    r"""
      (?P<comment> --[^\n]* | /\*.*?\*/ )
    | (?P<end> ; )
    | [eE]'(?:[^'\\]|\\.|'')*'
    | '(?:[^']|'')*'
    | "(?:[^"]|"")*"
    | \$(?P<tag>(?:[^\W\d]\w*)?)\$ .*? \$(?P=tag)\$
    | [^\W\d][\w$]*
    | .
    """,
    re.DOTALL | re.VERBOSE,
)

_DEFINES = re.compile(
    r"create\s+(?:or\s+replace\s+)?(?:(function|procedure)|view)\s+"
    r"(workflow_pg|workflow_pg_private)\.(\w+)",
    re.IGNORECASE,
)

_NAME = r"(?:if\s+(?:not\s+)?exists\s+)?(?:only\s+)?(?P<name>[\w.\"]+)"
_INDEX = r"(?:if\s+not\s+exists\s+)?(?:[\w\"]+\s+)?on\s+(?:only\s+)?(?P<name>[\w.\"]+)"

_NOBODY_WAITS = "SHARE UPDATE EXCLUSIVE: reads and writes go on"
_WRITES_WAIT = "SHARE: writes wait, reads go on"
_ALL_WAIT = "ACCESS EXCLUSIVE: reads and writes wait"
_ROWS = "ROW EXCLUSIVE, and the rows that it touches"

# The first that fits wins. None: no lock on anything that was there before.
_LOCKS: tuple[tuple[str, str | None], ...] = (
    (r"create\s+(?:unique\s+)?index\s+concurrently\s+" + _INDEX, _NOBODY_WAITS),
    (r"create\s+(?:unique\s+)?index\s+" + _INDEX, _WRITES_WAIT),
    (r"create\s+(?:table|schema|type|role|view|sequence)\s", None),
    (r"(?:drop\s+index|reindex\s+\w+)\s+concurrently\s+" + _NAME, _NOBODY_WAITS),
    (r"drop\s+(?:table|index|view)\s+" + _NAME, _ALL_WAIT),
    (rf"alter\s+table\s+{_NAME}\s+validate\s+constraint", _NOBODY_WAITS),
    (rf"alter\s+table\s+{_NAME}\s+set\s*\(", _NOBODY_WAITS),
    (r"alter\s+(?:table|index|view)\s+" + _NAME, _ALL_WAIT),
    (r"truncate\s+(?:table\s+)?" + _NAME, _ALL_WAIT),
    (r"(?:insert\s+into|update|delete\s+from)\s+" + _NAME, _ROWS),
    (r"comment\s+on\s+(?:table|column|index|view)\s+" + _NAME, _NOBODY_WAITS),
    (r"(?:comment|grant|revoke|alter\s+(?:type|default))\s", None),
)
_CREATED = re.compile(r"create\s+table\s+" + _NAME, re.IGNORECASE)


class Defined(NamedTuple):
    """A function or view that a text creates."""

    is_routine: bool
    schema: str
    name: str


def statements(text: str) -> Iterator[str]:
    """Yield the statements of a text without comments and semicolons.

    Bodies in the `begin atomic` form and nested comments are not understood.
    """
    statement = ""
    for token in _TOKEN.finditer(text):
        if token["end"]:
            if statement.strip():
                yield statement.strip()
            statement = ""
        else:
            statement += " " if token["comment"] else token[0]
    if statement.strip():
        yield statement.strip()


def defined(text: str) -> set[Defined]:
    """Say which functions, procedures and views of our schemas a text creates."""
    begun = (_DEFINES.match(statement) for statement in statements(text))
    return {
        Defined(bool(begin[1]), begin[2].lower(), begin[3].lower())
        for begin in begun
        if begin
    }


def locks(text: str) -> tuple[str, ...]:
    """Say in words which locks the statements of a migration take.

    Tables that the same text creates are left out: nobody else can see them yet.
    """
    cut = tuple(statements(text))
    created = {match["name"] for s in cut if (match := _CREATED.match(s))}
    # dict, because the order of the statements is the order to read them in.
    return tuple(dict.fromkeys(word for s in cut if (word := _lock(s, created))))


def _lock(statement: str, created: set[str]) -> str | None:
    for pattern, words in _LOCKS:
        match = re.match(pattern, statement, re.IGNORECASE)
        if match is None:
            continue
        if words is None:
            return None
        name = match["name"]
        # The name of a column has the name of its table in front.
        if any(name == table or name.startswith(f"{table}.") for table in created):
            return None
        return f"{name}: {words}"
    return f"not judged: {' '.join(statement.split()[:2])}"
