"""What operators are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workflow_pg.models.enums import (
    Severity,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """How many rows of each kind went with a run."""

    events: int
    steps: int
    hooks: int
    waits: int
    messages: int
    streams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """Where a table and the log of a run differ, and in which columns.

    ``expected`` is None when there should be no such row, ``found`` when it is missing.
    """

    entity: str
    entity_id: str
    expected: dict[str, Any] | None
    found: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What an examination has found out about one thing.

    ``next_step`` is None when there is nothing to do.
    """

    subject: str
    severity: Severity
    sentence: str
    next_step: str | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReply:
    """What became of a run that was to be imported.

    ``outcome`` is imported, present (it was imported before) or changed (it was, and it
    is no longer what it was there); ``event_count`` is None when nothing was written.
    ``notes`` say of what was left out or added ``kind``, ``id`` and ``note``.
    """

    run_id: str
    outcome: str
    event_count: int | None
    notes: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """Of how many events and streams the payloads went, and how many messages."""

    events: int
    messages: int
    streams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaStamp:
    """What is installed. ``state`` is ready or migrating.

    ``database_id`` is the same for all connections to one database of one server.
    """

    migration: int
    state: str
    sql_checksum: str
    tool_version: str
    database_id: str
