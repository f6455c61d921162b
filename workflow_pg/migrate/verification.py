"""`migrate verify`: are the functions and views of a database those of the files?

Tables are not looked at: they change through migrations alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from workflow_pg.migrate import calls
from workflow_pg.migrate.database import (
    Patience,
    Say,
    connected,
    patiently,
    say_nothing,
    take_migration_lock,
)
from workflow_pg.migrate.errors import MigrationRefused
from workflow_pg.migrate.files import Files, load, packaged
from workflow_pg.migrate.ledger import compare, read_ledger
from workflow_pg.migrate.repeatables import apply_repeatables, catalog

if TYPE_CHECKING:
    from workflow_pg.migrate.database import Connection

__all__ = ["Drift", "DriftKind", "verify"]


class DriftKind(StrEnum):
    """How a function or view of the database differs from the files."""

    CHANGED = "changed"
    MISSING = "missing"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One function or view that differs: `title` is its kind, name and arguments."""

    kind: DriftKind
    title: str


def verify(
    dsn: str, *, on_line: Say | None = None, files: Files | None = None
) -> tuple[Drift, ...]:
    """Compare all functions and views with the files; empty when they agree.

    It applies sql/ in a transaction and rolls it back, so it needs the same login as
    `up`, and calls that use one of our views wait for its end.

    Raises:
        MigrationRefused: something is pending, so there is nothing to compare with.
        MigrationError: `up` would refuse this database, for the same reason.
    """
    say = on_line or say_nothing
    patience = Patience()
    package = load(files or packaged())
    with connected(dsn) as connection:
        take_migration_lock(connection, say)
        if not compare(read_ledger(connection, patience=patience), package).is_empty:
            raise MigrationRefused(
                "The database is not at the state of this workflow-pg, so its functions"
                " cannot be compared: run `workflow-pg migrate up` first."
            )
        found: dict[str, str] = {}
        expected: dict[str, str] = {}

        def work() -> None:
            found.update(_definitions(connection))
            apply_repeatables(connection, package.repeatables)
            expected.update(_definitions(connection))

        patiently(connection, work, name="sql/", patience=patience, say=say, keep=False)
    return tuple(_differences(found, expected))


def _definitions(connection: Connection) -> dict[str, str]:
    things = catalog(connection)
    rows = connection.execute(
        calls.DEFINITIONS,
        {
            "routines": [t.oid for t in things if t.is_routine],
            "views": [t.oid for t in things if not t.is_routine],
        },
    )
    return dict(cast("list[tuple[str, str]]", rows.fetchall()))


def _differences(found: dict[str, str], expected: dict[str, str]) -> list[Drift]:
    drifts: list[Drift] = []
    for title in sorted(found.keys() | expected.keys()):
        if title not in found:
            drifts.append(Drift(kind=DriftKind.MISSING, title=title))
        elif title not in expected:
            drifts.append(Drift(kind=DriftKind.EXTRA, title=title))
        elif found[title] != expected[title]:
            drifts.append(Drift(kind=DriftKind.CHANGED, title=title))
    return drifts
