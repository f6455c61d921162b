"""Ways to cut the history of a database: what is committed after a mark is lost."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString, Protocol

import psycopg
from psycopg.conninfo import make_conninfo

from workflow_pg.embedded import Binaries, EmbeddedServer
from workflow_pg.migrate import up

PATIENCE_SECONDS = 30.0
SETTINGS = {"wal_keep_size": "512MB"}
RECOVERY = """
restore_command = 'cp "{wal}/%f" "%p"'
recovery_target_name = 'mark'
recovery_target_action = 'promote'
"""


class History(Protocol):
    """A migrated database; the address holds before and after."""

    dsn: str

    def mark(self) -> None:
        """What is committed by now stays."""
        ...

    def end(self) -> None:
        """End the server."""
        ...

    def go_on(self) -> None:
        """Have a server again, without what was committed after the mark."""
        ...


class _Restored:
    """Restored in place: a base backup, and the log up to the mark."""

    def __init__(self, server: EmbeddedServer, binaries: Binaries) -> None:
        self.dsn = server.dsn()
        self._server = server
        self._backup = base_backup(server, binaries, data_of(server))

    def mark(self) -> None:
        ask(self.dsn, "select pg_create_restore_point('mark')")

    def end(self) -> None:
        self._server.stop()

    def go_on(self) -> None:
        data = data_of(self._server)
        lost = data.rename(data.with_name("lost"))
        self._backup.rename(data)
        (data / "recovery.signal").touch()
        with (data / "postgresql.auto.conf").open("a") as settings:
            settings.write(RECOVERY.format(wal=lost / "pg_wal"))
        self._server.start()


class _FailedOver:
    """An asynchronous standby that is promoted, and did not get the end of the log."""

    def __init__(
        self, primary: EmbeddedServer, standby: EmbeddedServer, binaries: Binaries
    ) -> None:
        self._primary = primary
        self._standby = standby
        data = data_of(standby)
        standby.stop(immediate=True)
        backup = base_backup(primary, binaries, data, "--write-recovery-conf")
        data.rename(data.with_name("unused"))
        backup.rename(data)
        standby.start()
        self._standby_dsn = make_conninfo(primary.dsn(), port=standby.port)
        self.dsn = make_conninfo(
            primary.dsn(),
            host=f"{primary.host},{standby.host}",
            port=f"{primary.port},{standby.port}",
            target_session_attrs="read-write",
        )

    def mark(self) -> None:
        at = ask(self._primary.dsn(), "select pg_current_wal_lsn()::text")
        wait_until(
            lambda: ask(
                self._standby_dsn, "select pg_last_wal_replay_lsn() >= %s::pg_lsn", at
            )
        )
        ask(self._standby_dsn, "alter system set primary_conninfo = ''")
        ask(self._standby_dsn, "select pg_reload_conf()")
        wait_until(
            lambda: ask(
                self._primary.dsn(), "select count(*) = 0 from pg_stat_replication"
            )
        )

    def end(self) -> None:
        self._primary.stop(immediate=True)

    def go_on(self) -> None:
        ask(self._standby_dsn, "select pg_promote()")


@contextmanager
def restored(binaries: Binaries) -> Generator[History]:
    """A database that is restored to the mark."""
    with EmbeddedServer(binaries=binaries, settings=SETTINGS) as server:
        up(server.dsn())
        yield _Restored(server, binaries)


@contextmanager
def failed_over(binaries: Binaries) -> Generator[History]:
    """A database whose standby takes over, as far as it was at the mark."""
    with (
        EmbeddedServer(binaries=binaries, settings=SETTINGS) as primary,
        EmbeddedServer(binaries=binaries, settings=SETTINGS) as standby,
    ):
        up(primary.dsn())
        yield _FailedOver(primary, standby, binaries)


def base_backup(
    server: EmbeddedServer, binaries: Binaries, beside: Path, *options: str
) -> Path:
    """A copy of a running server's data, in the same hands as the data beside it."""
    backup = beside.with_name("backup")
    subprocess.run(
        [
            binaries.program("pg_basebackup"),
            f"--dbname={server.dsn()}",
            f"--pgdata={backup}",
            "--checkpoint=fast",
            *options,
        ],
        check=True,
        timeout=60,
    )
    owner = beside.stat()
    for path in (backup, *backup.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
    return backup


def data_of(server: EmbeddedServer) -> Path:
    """The data directory of a server."""
    return Path(server.socket_directory).with_name(f"data-{server.major}")


def ask(dsn: str, query: LiteralString, *arguments: object) -> object:
    """The first column of the first row, if there are rows."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        cursor = conn.execute(query, arguments or None)
        row = cursor.fetchone() if cursor.description else None
    return row and row[0]


def wait_until(is_so: Callable[[], object]) -> None:
    """Wait for what servers do by themselves."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
