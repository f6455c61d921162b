"""`migrate up`: applies the files that a database lacks, one migrator at a time.

Each migration has its own transaction; all of sql/ has one. From the first of them to
the last the stamp says `migrating`, so that workers keep away from a half of a schema.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from workflow_pg.migrate import calls
from workflow_pg.migrate.database import (
    Patience,
    Say,
    connected,
    owner_transaction,
    patiently,
    run_text,
    say_nothing,
    take_migration_lock,
)
from workflow_pg.migrate.errors import MigrationFailed
from workflow_pg.migrate.files import (
    Files,
    Migration,
    Package,
    load,
    packaged,
    tool_version,
)
from workflow_pg.migrate.ledger import (
    Pending,
    compare,
    read_ledger,
    record_migration,
    record_repeatables,
)
from workflow_pg.migrate.repeatables import CatalogObject, apply_repeatables
from workflow_pg.migrate.statements import statements

if TYPE_CHECKING:
    from workflow_pg.migrate.database import Connection

__all__ = ["up"]


def up(
    dsn: str,
    *,
    on_line: Say | None = None,
    accept_checksums: Collection[str] = (),
    files: Files | None = None,
    patience: Patience | None = None,
) -> None:
    """Bring a database to the state of the package. Does nothing when it is there.

    Args:
        dsn: connection string of a login that may create schemas, or that may act as
            the owner of ours. A direct connection, not one through a pooler.
        on_line: gets one line of text for each thing done.
        accept_checksums: names of applied migrations whose edited text is all right.
        files: other files than those of the package.
        patience: other waits for locks than the usual ones.

    Raises:
        MigrationError: one of its kinds; the sentence says what was kept.
    """
    say = on_line or say_nothing
    patience = patience or Patience()
    package = load(files or packaged())
    with connected(dsn) as connection:
        take_migration_lock(connection, say)
        ledger = read_ledger(connection, patience=patience)
        pending = compare(ledger, package, accept_checksums=accept_checksums)
        if pending.is_empty:
            say(f"up to date at migration {ledger.migration:04}")
            return
        _Migrator(connection, package, say, patience).apply(pending)


class _Migrator:
    """One `up`, on a connection that holds the migration lock."""

    def __init__(
        self, connection: Connection, package: Package, say: Say, patience: Patience
    ) -> None:
        self._connection = connection
        self._package = package
        self._say = say
        self._patience = patience

    def apply(self, pending: Pending) -> None:
        for migration in pending.accepted:
            self._accept(migration)
        for migration in pending.migrations:
            if migration.has_transaction:
                self._apply_in_transaction(migration)
            else:
                self._apply_alone(migration)
            if migration is self._package.migrations[0]:
                self._say_who_owns()
        if pending.migrations or pending.sql_paths or pending.is_unfinished:
            self._apply_repeatables()

    def _accept(self, migration: Migration) -> None:
        with owner_transaction(self._connection, patience=self._patience):
            self._connection.execute(
                calls.ACCEPT_CHECKSUM,
                {"name": migration.name, "checksum": migration.checksum},
            )
        self._say(f"accepted the new text of {migration.name}")

    def _apply_in_transaction(self, migration: Migration) -> None:
        began = time.monotonic()

        def work() -> None:
            run_text(
                self._connection, migration.text, name=f"migrations/{migration.name}"
            )
            record_migration(
                self._connection, migration, duration_ms=_milliseconds(began)
            )

        self._patiently(migration.name, work)
        self._say(f"applied {migration.name} in {_milliseconds(began)} ms")

    def _apply_alone(self, migration: Migration) -> None:
        """Apply a file outside a transaction, statement by statement.

        Without a lock_timeout: CREATE INDEX CONCURRENTLY waits for older transactions
        with a lock that blocks nobody, and giving up leaves an invalid index behind.
        """
        began = time.monotonic()
        self._patiently(migration.name, self._begin_migrating)
        for statement in statements(migration.text):
            try:
                self._as_owner(statement, name=f"migrations/{migration.name}")
            except MigrationFailed as failure:
                raise MigrationFailed(
                    f"{failure} The file runs outside a transaction, so its statements"
                    " before this one were kept; the next `migrate up` runs all of it"
                    " again.",
                    sqlstate=failure.sqlstate,
                ) from failure

        def work() -> None:
            record_migration(
                self._connection, migration, duration_ms=_milliseconds(began)
            )

        self._patiently(migration.name, work)
        self._say(
            f"applied {migration.name} outside a transaction"
            f" in {_milliseconds(began)} ms"
        )

    def _as_owner(self, statement: str, *, name: str) -> None:
        from psycopg import sql

        row = self._connection.execute(calls.OWNER).fetchone()
        if row is not None:
            owner = sql.Identifier(str(row[0]))
            self._connection.execute(sql.SQL("set role {}").format(owner))
        try:
            run_text(self._connection, statement, name=name)
        finally:
            if not self._connection.closed:
                self._connection.execute("reset role")

    def _begin_migrating(self) -> None:
        self._connection.execute(
            calls.BEGIN_MIGRATING, {"tool_version": tool_version()}
        )

    def _apply_repeatables(self) -> None:
        began = time.monotonic()
        dropped: tuple[CatalogObject, ...] = ()

        def work() -> None:
            nonlocal dropped
            dropped = apply_repeatables(self._connection, self._package.repeatables)
            record_repeatables(self._connection, self._package)

        self._patiently("sql/", work)
        for thing in dropped:
            self._say(f"dropped {thing.title}: no file creates it any more")
        count = len(self._package.repeatables)
        self._say(f"applied sql/ ({count} files) in {_milliseconds(began)} ms")

    def _say_who_owns(self) -> None:
        row = self._connection.execute(calls.OWNER).fetchone()
        if row is not None and row[0] != "workflow_owner":
            self._say(
                f"login {row[0]} owns the schemas itself, because it may not create,"
                " or not act as, the role workflow_owner"
            )

    def _patiently(self, name: str, work: Callable[[], None]) -> None:
        patiently(
            self._connection,
            work,
            name=name,
            patience=self._patience,
            say=self._say,
        )


def _milliseconds(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
