"""Comments of the catalog as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# `p_limit  1 to 1000 rows`: a name at the begin of a line, then a column.
_LISTED = re.compile(r"^[\w*]+(, \w+)*  +\S", re.MULTILINE)
_NAME = re.compile(r"(?<![\w.])(?:\w+\.)?[a-z]\w*_\w+(?:\(\))?")


def prose(comment: str) -> str:
    """The first paragraph, on one line."""
    words = " ".join(comment.partition("\n\n")[0].split())
    return _NAME.sub(r"`\g<0>`", words)


def described(comment: str, between: str = "") -> str:
    """A comment: sentences as prose, lists as they are.

    Args:
        comment: as the catalog has it.
        between: what stands before the first list.
    """
    parts: list[str] = []
    for paragraph in comment.split("\n\n"):
        found = _LISTED.search(paragraph)
        cut = found.start() if found else len(paragraph)
        if paragraph[:cut].strip():
            parts.append(prose(paragraph[:cut]) + "\n")
        if found:
            parts += [between] if between else []
            between = ""
            parts.append(f"```text\n{paragraph[cut:].rstrip()}\n```\n")
    parts += [between] if between else []
    return "\n".join(parts)


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Names and what follows them, one per line, in two columns."""
    width = max(len(name) for name, _ in rows)
    return ",\n".join(f"    {name:<{width}}  {rest}" for name, rest in rows)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
