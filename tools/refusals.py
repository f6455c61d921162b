"""Every refusal of the functions of sql/: its codes, and the keys of its DETAIL.

A refusal is a call of `refuse` or `new_fault` with a code, a message and a DETAIL. The
DETAIL is made by `jsonb_build_object`, there or in a variable of the function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SQL = Path(__file__).resolve().parents[1] / "sql"
MACHINE = "10_machine"

_CALL = re.compile(r"workflow_pg_private\.(?:refuse|new_fault)\(")
_CALLED = re.compile(r"workflow_pg(?:_private)?\.(\w+)\(")
_BUILD = re.compile(r"jsonb_build_object\(")
_LITERAL = re.compile(r"'([^']*)'")
_CODE = re.compile(r"'(WF\d{3})'")
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One place that refuses."""

    function: str
    codes: frozenset[str]
    keys: frozenset[str]


def sources() -> list[Path]:
    """The files of sql/."""
    return sorted(SQL.rglob("*.sql"))


def contains(path: Path, code: str) -> bool:
    """Whether a function or a view has a code as a literal."""
    return f"'{code}'" in path.read_text(encoding="utf-8")


def refusals() -> list[Refusal]:
    """All refusals, in the order of the files."""
    return [found for path in sources() for found in _refusals(path)]


def _refusals(path: Path) -> Iterator[Refusal]:
    text = _COMMENT.sub("", path.read_text(encoding="utf-8"))
    for call in _CALL.finditer(text):
        code, _, detail, *_ = [*arguments(text, call.end()), "", ""]
        if codes := _codes(code):
            yield Refusal(
                function=path.stem, codes=codes, keys=frozenset(_keys(detail, text))
            )


def _codes(argument: str) -> frozenset[str]:
    """A literal, or else what a cell of the machine can say."""
    if literal := _CODE.search(argument):
        return frozenset({literal[1]})
    if argument.strip() != "p_outcome":
        return frozenset()
    cells = (path.read_text(encoding="utf-8") for path in (SQL / MACHINE).iterdir())
    return frozenset(code for text in cells for code in _CODE.findall(text))


def _keys(expression: str, text: str) -> Iterator[str]:
    """The keys of an object, those of variables in it included."""
    for build in _BUILD.finditer(expression):
        for name in arguments(expression, build.end())[::2]:
            if literal := _LITERAL.fullmatch(name.strip()):
                yield literal[1]
    for variable in set(re.findall(r"\bv_\w+\b", expression)):
        for given in re.finditer(rf"\b{variable}\b[\w\s]*:=", text):
            (value, *_) = arguments(text, given.end(), end=";")
            for build in _BUILD.finditer(value):
                yield from _keys(value[build.start() :], "")


def reachable() -> dict[str, set[str]]:
    """The codes that each function can raise, by itself or by what it calls."""
    raised: dict[str, set[str]] = {path.stem: set() for path in sources()}
    for refusal in refusals():
        raised[refusal.function] |= refusal.codes
    called: dict[str, set[str]] = {}
    for path in sources():
        text = _COMMENT.sub("", path.read_text(encoding="utf-8"))
        if path.parent.name != MACHINE:
            raised[path.stem] |= set(_CODE.findall(text))
        called[path.stem] = set(_CALLED.findall(text)) & raised.keys()
    is_settled = False
    while not is_settled:
        before = sum(map(len, raised.values()))
        for name, others in called.items():
            raised[name].update(*(raised[other] for other in others))
        is_settled = before == sum(map(len, raised.values()))
    return raised


def arguments(text: str, start: int, *, end: str = ")") -> list[str]:
    """What stands between commas from a place on, up to the bracket that closes it."""
    found = [""]
    depth = 0
    is_quoted = False
    for letter in text[start:]:
        if letter == "'":
            is_quoted = not is_quoted
        elif not is_quoted and depth == 0 and letter == end:
            break
        elif not is_quoted and letter in "()":
            depth += 1 if letter == "(" else -1
        elif not is_quoted and depth == 0 and letter == "," and end == ")":
            found.append("")
            continue
        found[-1] += letter
    return found
