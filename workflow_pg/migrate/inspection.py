"""`migrate plan` and `migrate status`: what `up` would do, what is there. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workflow_pg.migrate.database import Patience, connected
from workflow_pg.migrate.files import Files, Migration, load, packaged, tool_version
from workflow_pg.migrate.ledger import Ledger, Pending, compare, read_ledger
from workflow_pg.migrate.statements import locks

__all__ = ["PendingMigration", "Plan", "Status", "plan", "status"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMigration:
    """A migration that `up` would apply.

    `locks` is what its header says, `statement_locks` what its statements take on
    objects that were there before, told from how each statement begins.
    """

    name: str
    has_transaction: bool
    locks: str
    statement_locks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What `up` would do."""

    migrations: tuple[PendingMigration, ...]
    sql_paths: tuple[str, ...]
    is_unfinished: bool

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.migrations or self.sql_paths or self.is_unfinished)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a database has, beside what the package has.

    `state` is `absent`, `migrating` or `ready`; the two versions are those of the tool
    that changed the database last and of this one.
    """

    state: Literal["absent", "migrating", "ready"]
    migration: int
    package_migration: int
    pending_migrations: tuple[str, ...]
    pending_sql_paths: tuple[str, ...]
    database_tool_version: str
    tool_version: str

    @property
    def is_up_to_date(self) -> bool:
        """Whether `up` would do nothing."""
        return self.state == "ready" and not (
            self.pending_migrations or self.pending_sql_paths
        )


def plan(dsn: str, *, files: Files | None = None) -> Plan:
    """Say what `up` would do. Writes nothing.

    Raises:
        MigrationError: `up` would refuse this database, for the same reason.
    """
    _, pending, _ = _look(dsn, files)
    # A first `up` is not unfinished: it has not begun.
    return Plan(
        migrations=tuple(_pending(m) for m in pending.migrations),
        sql_paths=pending.sql_paths,
        is_unfinished=pending.is_unfinished and not pending.migrations,
    )


def status(dsn: str, *, files: Files | None = None) -> Status:
    """Say what is there, beside what the package has. Writes nothing.

    Raises:
        MigrationError: `up` would refuse this database, for the same reason.
    """
    ledger, pending, package_migration = _look(dsn, files)
    states: dict[str, Literal["migrating", "ready"]] = {
        "migrating": "migrating",
        "ready": "ready",
    }
    return Status(
        state=states.get(ledger.state, "absent"),
        migration=ledger.migration,
        package_migration=package_migration,
        pending_migrations=tuple(m.name for m in pending.migrations),
        pending_sql_paths=pending.sql_paths,
        database_tool_version=ledger.tool_version,
        tool_version=tool_version(),
    )


def _look(dsn: str, files: Files | None) -> tuple[Ledger, Pending, int]:
    package = load(files or packaged())
    with connected(dsn) as connection:
        ledger = read_ledger(connection, patience=Patience())
    return ledger, compare(ledger, package), package.stamp.migration


def _pending(migration: Migration) -> PendingMigration:
    return PendingMigration(
        name=migration.name,
        has_transaction=migration.has_transaction,
        locks=migration.locks,
        statement_locks=locks(migration.text),
    )
