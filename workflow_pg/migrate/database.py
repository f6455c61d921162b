"""The migrator's connection: opened, locked, patient, and silent about passwords."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflow_pg.migrate import calls
from workflow_pg.migrate.errors import (
    BadDsn,
    DatabaseUnreachable,
    MigrationFailed,
    MigrationRefused,
)

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[object, ...]]

__all__ = [
    "Patience",
    "Say",
    "connected",
    "owner_transaction",
    "patiently",
    "redacted",
    "run_text",
    "say_nothing",
    "take_migration_lock",
]

Say = Callable[[str], None]

_OLDEST_SERVER = 150000
_LOCK_POLL_SECONDS = 0.2

# Lock not available, deadlock detected.
_WORTH_ANOTHER_TRY = {"55P03", "40P01"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for a lock on a table, and how often to come back for it.

    Whoever waits for a lock makes all who come later wait behind it. So a migration
    waits briefly, gives up, lets the traffic pass, and tries again.
    """

    lock_timeout_ms: int = 3_000
    attempts: int = 8
    first_pause_seconds: float = 0.5
    longest_pause_seconds: float = 10.0


@contextmanager
def connected(dsn: str) -> Generator[Connection]:
    """Open the one connection that a migration command uses.

    Raises:
        BadDsn: the connection string cannot be read.
        DatabaseUnreachable: the server does not answer or does not let us in.
        MigrationRefused: the server is older than PostgreSQL 15.
    """
    import psycopg
    from psycopg.conninfo import make_conninfo

    from workflow_pg.dsn import read_dsn

    try:
        given = read_dsn(dsn)
    except ValueError as error:
        raise BadDsn(str(error)) from None
    settings = {
        "connect_timeout": 10,
        "application_name": "workflow-pg migrate",
        **{name: value for name, value in given.items() if value is not None},
        "client_encoding": "utf8",
    }
    try:
        connection = psycopg.connect(
            make_conninfo("", **settings), autocommit=True, prepare_threshold=None
        )
    except psycopg.Error as error:
        words = redacted(" ".join(str(error).split()), dsn)
        raise DatabaseUnreachable(f"The database cannot be reached: {words}") from None
    with connection:
        version = connection.info.server_version
        if version < _OLDEST_SERVER:
            raise MigrationRefused(
                f"The server is PostgreSQL {version // 10000}; workflow-pg needs 15"
                " or newer."
            )
        try:
            connection.execute(calls.PREPARE_SESSION)
            yield connection
        except psycopg.OperationalError as error:
            if not connection.closed:
                raise
            words = redacted(" ".join(str(error).split()), dsn)
            raise DatabaseUnreachable(
                f"The connection to the database was lost: {words}"
            ) from None


def say_nothing(line: str) -> None:
    """Take a line of progress that nobody wants to see."""
    del line


def redacted(text: str, dsn: str) -> str:
    """Take the password of a connection string out of a text, however it is spelt."""
    from urllib.parse import quote, unquote

    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        password = conninfo_to_dict(dsn).get("password")
    except psycopg.Error:
        return text.replace(dsn, "***")
    if not isinstance(password, str) or not password:
        return text
    for spelling in {password, quote(password, safe=""), unquote(password)}:
        text = text.replace(spelling, "***")
    return text


def take_migration_lock(connection: Connection, say: Say) -> None:
    """Wait until no other migration runs on this database. Ends with the connection.

    It asks again and again and does not wait inside the server: a session that waits
    there holds a snapshot, and CREATE INDEX CONCURRENTLY of the migration in front
    waits for all snapshots to go. Each would wait for the other.
    """
    has_spoken = False
    while connection.execute(calls.TRY_MIGRATION_LOCK).fetchone() != (True,):
        if not has_spoken:
            say("another migration of this database is running; waiting for its end")
            has_spoken = True
        time.sleep(_LOCK_POLL_SECONDS)


@contextmanager
def owner_transaction(
    connection: Connection, *, patience: Patience, keep: bool = True
) -> Generator[None]:
    """Run a transaction as the owner of the schemas; roll it back unless `keep`.

    Raises:
        MigrationRefused: the login may not act as the owner.
    """
    import psycopg

    with connection.transaction(force_rollback=not keep):
        connection.execute(calls.ENDURE_LOCKS, (f"{patience.lock_timeout_ms}ms",))
        try:
            connection.execute(calls.ACT_AS_OWNER)
        except psycopg.errors.InsufficientPrivilege:
            raise MigrationRefused(
                f"Login {connection.info.user} may not act as the owner of schema"
                " workflow_pg: use the login that installed it, or make this one a"
                " member of the owning role."
            ) from None
        yield


def patiently(
    connection: Connection,
    work: Callable[[], None],
    *,
    name: str,
    patience: Patience,
    say: Say,
    keep: bool = True,
) -> None:
    """Do the work in a transaction of the owner, again when a lock was not free.

    Raises:
        MigrationFailed: a lock was not free in any of the attempts.
    """
    import psycopg

    pause = patience.first_pause_seconds
    for attempt in range(1, patience.attempts + 1):
        try:
            with owner_transaction(connection, patience=patience, keep=keep):
                return work()
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            pass
        except MigrationFailed as failure:
            if failure.sqlstate not in _WORTH_ANOTHER_TRY:
                raise MigrationFailed(
                    f"{failure} Nothing of {name} was kept.", sqlstate=failure.sqlstate
                ) from failure
        if attempt < patience.attempts:
            say(
                f"{name}: a lock was not free within {patience.lock_timeout_ms} ms"
                f" (try {attempt} of {patience.attempts}); again in {pause:g} s"
            )
            time.sleep(pause)
            pause = min(2 * pause, patience.longest_pause_seconds)
    raise MigrationFailed(
        f"{name}: a lock was not free in {patience.attempts} tries, so nothing of it"
        " was kept: end the transactions that hold it, then run this again."
    )


def run_text(connection: Connection, text: str, *, name: str) -> None:
    """Send a file, or a statement of it, as it is.

    Raises:
        MigrationFailed: the server refused a statement.
    """
    import psycopg

    try:
        connection.execute(text.encode())
    except psycopg.Error as error:
        if connection.closed:
            raise
        raise _failure(error, text, name) from error


def _failure(error: psycopg.Error, text: str, name: str) -> MigrationFailed:
    import psycopg

    diag = error.diag
    where = name
    if diag.statement_position is not None:
        line = text.count("\n", 0, int(diag.statement_position) - 1) + 1
        where += f", line {line}"
    said = [diag.message_primary or str(error), diag.message_detail]
    # The hint then is DROP ... CASCADE: what is not ours must not go that way.
    if not isinstance(error, psycopg.errors.DependentObjectsStillExist):
        said.append(diag.message_hint)
    words = ". ".join(" ".join(part.split()).rstrip(".") for part in said if part)
    return MigrationFailed(
        f"{where}: {words} ({error.sqlstate}).", sqlstate=error.sqlstate
    )
