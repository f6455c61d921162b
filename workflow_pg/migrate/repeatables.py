"""All of sql/, applied in one transaction: replaced, dropped where that is not enough.

Three things `create or replace` cannot do are done here. A function whose return type
or parameter names changed, or a view whose columns did, is dropped and created again.
What no file creates any more is dropped. And what cannot be dropped, because something
outside our schemas uses it, stops everything with a sentence that names it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from workflow_pg.migrate import calls
from workflow_pg.migrate.database import run_text
from workflow_pg.migrate.errors import MigrationFailed
from workflow_pg.migrate.files import Repeatable
from workflow_pg.migrate.statements import Defined, defined

if TYPE_CHECKING:
    from workflow_pg.migrate.database import Connection

__all__ = ["CatalogObject", "apply_repeatables", "catalog"]

# There already; cannot change the return type, a parameter name or a default; cannot
# change the columns of a view; is not a procedure.
_CANNOT_REPLACE = {"42P07", "42723", "42P13", "42P16", "42809"}

_IS_USED = "2BP01"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogObject:
    """A function, procedure or view of our schemas, as the catalog has it."""

    is_routine: bool
    oid: int
    written_by: str
    schema: str
    name: str
    identity: str

    @property
    def title(self) -> str:
        """What to call it in a sentence."""
        return f"{'function' if self.is_routine else 'view'} {self.identity}"


def catalog(connection: Connection) -> frozenset[CatalogObject]:
    """List the functions, procedures and views that our schemas have now."""
    rows = cast(
        "list[tuple[bool, int, str, str, str, str]]",
        connection.execute(calls.CATALOG).fetchall(),
    )
    return frozenset(
        CatalogObject(
            is_routine=is_routine,
            oid=oid,
            written_by=written_by,
            schema=schema,
            name=name,
            identity=identity,
        )
        for is_routine, oid, written_by, schema, name, identity in rows
    )


def apply_repeatables(
    connection: Connection, repeatables: tuple[Repeatable, ...]
) -> tuple[CatalogObject, ...]:
    """Apply all files in their order. The caller holds the transaction.

    Returns:
        What was dropped because no file creates it any more.

    Raises:
        MigrationFailed: a file was refused, or something outside uses what has to go.
    """
    run = _Run(connection)
    for file in repeatables:
        if not file.is_closing:
            run.apply(file)
    dropped = run.drop_old(lambda _: True)
    for file in repeatables:
        if file.is_closing:
            run.apply(file)
    return dropped


class _Run:
    """One pass over sql/. Knows what was there before it began."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._before = catalog(connection)

    def apply(self, file: Repeatable) -> None:
        try:
            with self._connection.transaction():
                self._send(file)
        except MigrationFailed as failure:
            names = defined(file.text)
            if failure.sqlstate not in _CANNOT_REPLACE or not any(
                _is_one_of(names, thing) for thing in self._old()
            ):
                raise
            self.drop_old(lambda thing: _is_one_of(names, thing))
            self._send(file)

    def _send(self, file: Repeatable) -> None:
        run_text(self._connection, file.text, name=f"sql/{file.path}")

    def drop_old(
        self, is_chosen: Callable[[CatalogObject], bool]
    ) -> tuple[CatalogObject, ...]:
        """Drop the chosen ones among those that this pass has not written itself."""
        chosen = tuple(t for t in sorted(self._old(), key=_identity) if is_chosen(t))
        for thing in chosen:
            # Dropping one can take others along.
            if thing in self._old():
                self._drop(thing)
        return chosen

    def _old(self) -> frozenset[CatalogObject]:
        # An object that was written since shows another writer, hence is not equal.
        return self._before & catalog(self._connection)

    def _drop(self, thing: CatalogObject) -> None:
        statement = f"drop {'routine' if thing.is_routine else 'view'} {thing.identity}"
        try:
            with self._connection.transaction():
                run_text(self._connection, statement, name=statement)
        except MigrationFailed as failure:
            users = self._old_users(thing)
            if failure.sqlstate != _IS_USED or not users:
                raise
            for user in users:
                self._drop(user)
            self._drop(thing)

    def _old_users(self, thing: CatalogObject) -> list[CatalogObject]:
        relation = "pg_proc" if thing.is_routine else "pg_class"
        rows = self._connection.execute(
            calls.DEPENDENTS, {"catalog": f"pg_catalog.{relation}", "oid": thing.oid}
        )
        users = set(rows.fetchall())
        return [
            old
            for old in sorted(self._old(), key=_identity)
            if (old.is_routine, old.oid) in users and old.oid != thing.oid
        ]


def _identity(thing: CatalogObject) -> str:
    return thing.identity


def _is_one_of(names: set[Defined], thing: CatalogObject) -> bool:
    return Defined(thing.is_routine, thing.schema, thing.name) in names
