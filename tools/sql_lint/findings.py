"""What a rule reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tools.sql_lint.source import File, Project


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A place that breaks a rule, and the sentence for its author."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        """As compilers write it, so that editors can go there."""
        return f"{self.path}:{self.line}: {self.message}"


Rule = Callable[[File, Project], Iterator[Finding]]
