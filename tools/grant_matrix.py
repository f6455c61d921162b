"""Who may do what, read from sql/90_grants.sql, which is the matrix."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

GRANTS = Path(__file__).resolve().parents[1] / "sql/90_grants.sql"

# `v_client constant text[] := array['workflow_client'];`, or an empty one.
_ARRAY = re.compile(r"^ +v_(\w+) +constant text\[\] := (.*);$", re.MULTILINE)
_HEADING = re.compile(r"\s*-- (\w[\w ]*)(?:: .*)?")
_LINE = re.compile(r"\s*\('(\w+)',\s*v_(\w+)\),?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Functions or views that belong together, each with the roles that may use it."""

    title: str
    members: dict[str, tuple[str, ...]]


def functions() -> list[Group]:
    """The groups of functions, in the order of the file."""
    return _groups(_text().split("(values")[1])


def views() -> list[Group]:
    """The groups of views, in the order of the file."""
    return _groups(_text().split("(values")[2])


def roles() -> tuple[str, ...]:
    """Every role that has a right, in the order in which the file names them."""
    found = {role: None for named in _arrays().values() for role in named}
    return tuple(found)


def flat(groups: list[Group]) -> dict[str, tuple[str, ...]]:
    """Which roles may use each function or view."""
    return {name: roles for group in groups for name, roles in group.members.items()}


def _text() -> str:
    return GRANTS.read_text(encoding="utf-8")


def _arrays() -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(re.findall(r"'(\w+)'", named))
        for name, named in _ARRAY.findall(_text())
    }


def _groups(text: str) -> list[Group]:
    arrays = _arrays()
    groups: list[Group] = []
    for line in text.partition(") as m (")[0].splitlines():
        if entry := _LINE.match(line):
            groups[-1].members[entry[1]] = arrays[entry[2]]
        elif (heading := _HEADING.fullmatch(line)) and _starts_group(groups):
            groups.append(Group(title=heading[1], members={}))
    return groups


def _starts_group(groups: list[Group]) -> bool:
    """Whether a comment is a heading, and not the second line of one."""
    return not groups or bool(groups[-1].members)
