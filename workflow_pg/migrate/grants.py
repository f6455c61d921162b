"""`migrate grant`: a login gets one of our roles, and the role its rights."""

from __future__ import annotations

from dataclasses import dataclass
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

_OWNER: Final = "workflow_owner"
_NO_RIGHT: Final = "42501"

ROLES: Final = {
    "workflow_client": "starts, cancels, deletes runs, resumes hooks, reads all",
    "workflow_worker": "all of that but deleting, and executes runs and steps",
    "workflow_observer": "reads what carries no payload and no token",
    _OWNER: "owns everything: installs and upgrades",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What the server knows of a login and a role."""

    us: str
    may_create: bool
    is_login_there: bool
    is_role_there: bool
    has_it: bool
    owner: str


def grant(
    dsn: str,
    *,
    login: str,
    role: str,
    on_line: Say | None = None,
    files: Files | None = None,
) -> None:
    """Give a login one of our roles; create the role when it is missing.

    All of it happens in one transaction. The rights of the roles are applied again, as
    the role may have been created after the last `up`. A login that has the role keeps
    it, so this also mends the rights of a role that an administrator has given.

    Args:
        dsn: connection string of a login that may grant the role.
        login: who gets the role: a login, or a role of logins that is none of ours.
        role: one of ROLES.
        on_line: gets one line of text for each thing done.
        files: other files than those of the package.

    Raises:
        UnknownName: there is no such role or login.
        MigrationRefused: the database is not at the state of this package, or the
            login of the dsn may not create or grant the role, or the role would give
            nothing here.
        MigrationFailed: the server refused; nothing was kept.
    """
    say = on_line or say_nothing
    if role not in ROLES:
        *others, last = ROLES
        raise UnknownName(
            f"There is no role {role}: the roles are {', '.join(others)} and {last}."
        )
    if login in ROLES:
        raise MigrationRefused(
            f"{login} is a role of workflow-pg and no login: grant {role} to the logins"
            " that need it."
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
        facts = _facts(connection, login=login, role=role)
        _refuse_unusable(facts, login=login, role=role)
        # Roles are of the server, not of the database or its owner: before the
        # transaction takes on the owner's role, they are the login's business.
        with connection.transaction():
            if not facts.is_role_there:
                _send(connection, "create role {} nologin", role)
            if not facts.has_it:
                _give(connection, facts, login=login, role=role)

            def work() -> None:
                for file in package.repeatables:
                    if file.is_closing:
                        run_text(connection, file.text, name=f"sql/{file.path}")

            patiently(
                connection, work, name="sql/90_grants.sql", patience=patience, say=say
            )
    if not facts.is_role_there:
        say(f"created role {role}")
    if facts.has_it:
        say(f"{login} has {role} already; the rights of the role were applied again")
    else:
        say(f"granted {role} to {login}")


def _facts(connection: Connection, *, login: str, role: str) -> _Facts:
    row = connection.execute(calls.ROLE_FACTS, {"login": login, "role": role})
    us, may_create, found, has_it, owner = cast(
        "tuple[str, bool, list[str], bool, str]", row.fetchone()
    )
    return _Facts(
        us=us,
        may_create=may_create,
        is_login_there=login in found,
        is_role_there=role in found,
        has_it=has_it,
        owner=owner,
    )


def _refuse_unusable(facts: _Facts, *, login: str, role: str) -> None:
    """Refuse what cannot work."""
    if not facts.is_login_there:
        raise UnknownName(
            f"There is no login {login} on this server: create it first"
            " (create role ... login)."
        )
    if role == _OWNER and facts.owner != _OWNER:
        raise MigrationRefused(
            f"Everything here belongs to {facts.owner}, so {_OWNER} would give nothing:"
            f" upgrade as {facts.owner}, or grant that role."
        )
    if not facts.is_role_there and not facts.may_create:
        raise MigrationRefused(
            f"Role {role} does not exist and login {facts.us} may not create roles:"
            f" have an administrator run `create role {role} nologin`, then run this"
            " again."
        )


def _give(connection: Connection, facts: _Facts, *, login: str, role: str) -> None:
    try:
        _send(connection, "grant {} to {}", role, login)
    except MigrationFailed as failure:
        if failure.sqlstate != _NO_RIGHT:
            raise
        raise MigrationRefused(
            f"Login {facts.us} may not grant role {role}: have an administrator run"
            f" `grant {role} to {login}`, then run this again."
        ) from failure


def _send(connection: Connection, template: LiteralString, *names: str) -> None:
    from psycopg import sql

    identifiers = [sql.Identifier(name) for name in names]
    statement = sql.SQL(template).format(*identifiers).as_string(connection)
    try:
        run_text(connection, statement, name=statement)
    except MigrationFailed as failure:
        raise MigrationFailed(
            f"{failure} Nothing was granted.", sqlstate=failure.sqlstate
        ) from failure
