"""`migrate grant`: a login gets one of our roles, and the role its functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, LiteralString, cast

from workflow_pg.migrate import calls
from workflow_pg.migrate.database import (
    Patience,
    Say,
    connected,
    patiently,
    run_text,
    say_nothing,
    take_migration_lock,
)
from workflow_pg.migrate.errors import MigrationFailed, MigrationRefused, UnknownName
from workflow_pg.migrate.files import Files, load, packaged
from workflow_pg.migrate.ledger import compare, read_ledger

if TYPE_CHECKING:
    from workflow_pg.migrate.database import Connection

__all__ = ["ROLES", "grant"]

ROLES: Final = {
    "workflow_client": "starts and cancels runs, resumes hooks, reads",
    "workflow_worker": "all of that, and executes runs and steps",
}


def grant(
    dsn: str,
    *,
    login: str,
    role: str,
    on_line: Say | None = None,
    files: Files | None = None,
) -> None:
    """Give a login one of our roles; create the role when it is missing.

    All of it happens in one transaction. Grants of the functions are applied again, as
    the role may have been created after the last `up`.

    Args:
        dsn: connection string of a login that may grant the role.
        login: who gets the role.
        role: one of ROLES.
        on_line: gets one line of text for each thing done.
        files: other files than those of the package.

    Raises:
        UnknownName: there is no such role or login.
        MigrationRefused: the database is not at the state of this package, or the
            login of the dsn may not create the role.
        MigrationFailed: the server refused; nothing was kept.
    """
    say = on_line or say_nothing
    if role not in ROLES:
        raise UnknownName(
            f"There is no role {role}: the roles are {' and '.join(ROLES)}."
        )
    patience = Patience()
    package = load(files or packaged())
    with connected(dsn) as connection:
        take_migration_lock(connection, say)
        if not compare(read_ledger(connection, patience=patience), package).is_empty:
            raise MigrationRefused(
                "The database is not at the state of this workflow-pg, so nothing was"
                " granted: run `workflow-pg migrate up` first."
            )
        is_new = _refuse_unknown(connection, login=login, role=role)
        # Roles are of the server, not of the database or its owner: before the
        # transaction takes on the owner's role, they are the login's business.
        with connection.transaction():
            if is_new:
                _send(connection, "create role {} nologin", role)
            _send(connection, "grant {} to {}", role, login)

            def work() -> None:
                for file in package.repeatables:
                    if file.is_closing:
                        run_text(connection, file.text, name=f"sql/{file.path}")

            patiently(
                connection, work, name="sql/90_grants.sql", patience=patience, say=say
            )
    if is_new:
        say(f"created role {role}")
    say(f"granted {role} to {login}")


def _refuse_unknown(connection: Connection, *, login: str, role: str) -> bool:
    """Refuse what cannot work; say whether the role has to be created."""
    row = connection.execute(calls.ROLE_FACTS, {"names": [login, role]}).fetchone()
    us, may_create, found = cast("tuple[str, bool, list[str]]", row)
    if login not in found:
        raise UnknownName(
            f"There is no login {login} on this server: create it first"
            " (create role ... login)."
        )
    if role not in found and not may_create:
        raise MigrationRefused(
            f"Role {role} does not exist and login {us} may not create roles: have an"
            f" administrator run `create role {role} nologin`, then run this again."
        )
    return role not in found


def _send(connection: Connection, template: LiteralString, *names: str) -> None:
    from psycopg import sql

    identifiers = [sql.Identifier(name) for name in names]
    statement = sql.SQL(template).format(*identifiers).as_string(connection)
    try:
        run_text(connection, statement, name=statement)
    except MigrationFailed as failure:
        raise MigrationFailed(f"{failure} Nothing was granted.") from failure
