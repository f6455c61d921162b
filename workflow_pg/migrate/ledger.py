"""What a database says was applied to it: read, compared with a package, written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from workflow_pg.migrate import calls
from workflow_pg.migrate.database import Patience, owner_transaction
from workflow_pg.migrate.errors import MigrationRefused, UnknownName
from workflow_pg.migrate.files import Migration, Package, tool_version

if TYPE_CHECKING:
    from workflow_pg.migrate.database import Connection

__all__ = [
    "ABSENT",
    "Ledger",
    "Pending",
    "compare",
    "read_ledger",
    "record_migration",
    "record_repeatables",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The ledger of one database."""

    migration: int
    state: str
    sql_checksum: str
    tool_version: str
    checksums: dict[str, str]
    appliers: dict[str, str]
    repeatables: dict[str, str]


ABSENT = Ledger(
    migration=0,
    state="absent",
    sql_checksum="",
    tool_version="",
    checksums={},
    appliers={},
    repeatables={},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What an `up` would do."""

    accepted: tuple[Migration, ...]
    migrations: tuple[Migration, ...]
    sql_paths: tuple[str, ...]
    is_unfinished: bool

    @property
    def is_empty(self) -> bool:
        """Whether the database agrees with the package."""
        return not (
            self.accepted or self.migrations or self.sql_paths or self.is_unfinished
        )


def read_ledger(connection: Connection, *, patience: Patience) -> Ledger:
    """Read what was applied; ABSENT when none of our schemas is there.

    Raises:
        MigrationRefused: a schema of our name is not ours.
    """
    row = connection.execute(calls.WHAT_IS_THERE).fetchone()
    schemas, tables = cast("tuple[list[str], int]", row)
    if not schemas:
        return ABSENT
    if tables < 3:
        raise MigrationRefused(
            f"Schema {' and '.join(schemas)} of this database was not made by"
            " workflow-pg (it has no ledger), so nothing was written: rename it, or"
            " use another database."
        )
    if len(schemas) < 2:
        raise MigrationRefused(
            "The ledger of workflow-pg is in this database, but schema workflow_pg is"
            " gone: restore it from a backup, or drop schema workflow_pg_private to"
            " begin anew."
        )
    with owner_transaction(connection, patience=patience):
        migrations = cast(
            "list[tuple[str, str, str]]",
            connection.execute(calls.MIGRATIONS).fetchall(),
        )
        repeatables = cast(
            "list[tuple[str, str]]", connection.execute(calls.REPEATABLES).fetchall()
        )
        stamp = cast(
            "tuple[int, str, str, str] | None",
            connection.execute(calls.STAMP).fetchone(),
        )
    if stamp is None:
        raise MigrationRefused(
            "Table workflow_pg_private.installation has lost its row: restore it from"
            " a backup."
        )
    return Ledger(
        migration=stamp[0],
        state=stamp[1],
        sql_checksum=stamp[2],
        tool_version=stamp[3],
        checksums={name: checksum for name, checksum, _ in migrations},
        appliers={name: applier for name, _, applier in migrations},
        repeatables=dict(repeatables),
    )


def compare(
    ledger: Ledger, package: Package, *, accept_checksums: Collection[str] = ()
) -> Pending:
    """Say what the database lacks.

    Raises:
        MigrationRefused: the database is newer than the package, an applied migration
            was edited, or a new one has a number that is already passed.
        UnknownName: a name to accept is not an edited migration.
    """
    known = {migration.name: migration for migration in package.migrations}
    _refuse_newer(ledger, known)
    edited = [m for m in package.migrations if _is_edited(m, ledger)]
    _refuse_edited([m for m in edited if m.name not in accept_checksums])
    for name in accept_checksums:
        if name not in {m.name for m in edited}:
            raise UnknownName(
                f"There is no checksum to accept: {name} is not an applied migration"
                " whose text has changed."
            )
    pending = [m for m in package.migrations if m.name not in ledger.checksums]
    _refuse_late(pending, ledger)
    return Pending(
        accepted=tuple(edited),
        migrations=tuple(pending),
        sql_paths=_changed_paths(ledger, package),
        is_unfinished=ledger.state != "ready",
    )


def _is_edited(migration: Migration, ledger: Ledger) -> bool:
    applied = ledger.checksums.get(migration.name)
    return applied is not None and applied != migration.checksum


def _refuse_newer(ledger: Ledger, known: dict[str, Migration]) -> None:
    for name, applier in ledger.appliers.items():
        if name not in known:
            raise MigrationRefused(
                f"This database is newer than this workflow-pg {tool_version()}: it has"
                f" migration {name}, applied by workflow-pg {applier}, which this one"
                " does not know; use that version or a newer one."
            )


def _refuse_edited(edited: list[Migration]) -> None:
    if edited:
        names = ", ".join(m.name for m in edited)
        options = " ".join(f"--accept-checksum {m.name}" for m in edited)
        raise MigrationRefused(
            f"Migration {names} was edited after it was applied here: restore its text"
            " and write a new migration, or, when the edit changes nothing, run"
            f" `workflow-pg migrate up {options}`."
        )


def _refuse_late(pending: list[Migration], ledger: Ledger) -> None:
    for migration in pending:
        if migration.number <= ledger.migration:
            raise MigrationRefused(
                f"Migration {migration.name} is new, but the database is already at"
                f" number {ledger.migration:04}: give it the next free number."
            )


def _changed_paths(ledger: Ledger, package: Package) -> tuple[str, ...]:
    files = {r.path: r.checksum for r in package.repeatables}
    if package.stamp.sql_checksum == ledger.sql_checksum:
        return ()
    paths = sorted(files.keys() | ledger.repeatables.keys())
    return tuple(p for p in paths if files.get(p) != ledger.repeatables.get(p))


def record_migration(
    connection: Connection, migration: Migration, *, duration_ms: int
) -> None:
    """Write down that a migration was applied; the database is now migrating."""
    connection.execute(
        calls.RECORD_MIGRATION,
        {
            "number": migration.number,
            "name": migration.name,
            "checksum": migration.checksum,
            "duration_ms": duration_ms,
            "tool_version": tool_version(),
        },
    )


def record_repeatables(connection: Connection, package: Package) -> None:
    """Write down that all of sql/ was applied; the database is now ready."""
    connection.execute(calls.FORGET_REPEATABLES)
    connection.execute(
        calls.RECORD_REPEATABLES,
        {
            "paths": [r.path for r in package.repeatables],
            "checksums": [r.checksum for r in package.repeatables],
            "tool_version": tool_version(),
        },
    )
    connection.execute(
        calls.FINISH,
        {
            "sql_checksum": package.stamp.sql_checksum,
            "tool_version": tool_version(),
        },
    )
