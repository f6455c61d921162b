"""Why a migration did not happen: one sentence per exception.

MigrationError
├── BrokenFiles          the files themselves do not make a set that can be applied
├── BadDsn               the connection string cannot be read
├── DatabaseUnreachable  no connection, or it was lost
├── MigrationRefused     the state of the database forbids it; nothing was written
├── MigrationFailed      a file failed; the sentence says what was kept
└── UnknownName          a role, a login or a file of that name does not exist
"""

from __future__ import annotations

from workflow_pg.errors import Unreachable, WorkflowPgError

__all__ = [
    "BadDsn",
    "BrokenFiles",
    "DatabaseUnreachable",
    "MigrationError",
    "MigrationFailed",
    "MigrationRefused",
    "UnknownName",
]


class MigrationError(WorkflowPgError):
    """A migration command did not do what it was asked to."""


class BrokenFiles(MigrationError):
    """The files do not make a set that can be applied."""


class BadDsn(MigrationError):
    """The connection string cannot be read."""


class DatabaseUnreachable(MigrationError, Unreachable):
    """There is no connection, or it was lost."""


class MigrationRefused(MigrationError):
    """The state of the database forbids it. Nothing was written."""


class MigrationFailed(MigrationError):
    """A file failed. The sentence says which, where, and what was kept."""

    def __init__(self, sentence: str, *, sqlstate: str | None = None) -> None:
        super().__init__(sentence)
        self.sqlstate = sqlstate


class UnknownName(MigrationError):
    """A role, a login or a file of that name does not exist."""
