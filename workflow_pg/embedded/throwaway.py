"""A server for tests: fast, empty, and gone with the block that opened it."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from typing import Self

from workflow_pg.embedded.account import server_account
from workflow_pg.embedded.binaries import Binaries, find_binaries, reachable_binaries
from workflow_pg.embedded.cluster import HOST, SUPERUSER, Cluster
from workflow_pg.embedded.errors import EmbeddedError
from workflow_pg.embedded.running import (
    RunningServer,
    check_settings,
    start_on_free_port,
    wait_for_port,
)
from workflow_pg.embedded.state import make_directory, sweep, try_lock

# Nobody wants this data back after a crash of the machine. After a crash of the server
# tests do, so a commit is still written before it is reported, only not flushed.
_NOT_DURABLE = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "on",
}
_PORT_PATIENCE_S = 10.0


class EmbeddedServer:
    """A PostgreSQL server that lives as long as the block that opened it.

        with EmbeddedServer(settings={"max_connections": "50"}) as server:
            psycopg.connect(server.dsn())

    It listens on 127.0.0.1 with a password, and on a unix socket without. Its data is
    removed at the end of the block; if this process is killed, by its supervisor, and
    if that is killed too, by the next server that is opened.

    Args:
        binaries: which PostgreSQL; by default what find_binaries() finds.
        settings: server settings by name, over ours.
    """

    def __init__(
        self,
        *,
        binaries: Binaries | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Nothing is started yet."""
        account = server_account()
        self._settings = check_settings({**_NOT_DURABLE, **(settings or {})})
        self._binaries = reachable_binaries(binaries or find_binaries(), account)
        self._account = account
        self._cluster: Cluster | None = None
        self._server: RunningServer | None = None
        self._lock = -1

    def __enter__(self) -> Self:
        """Make the data directory and start the server."""
        if self._cluster is not None:
            raise EmbeddedError("The embedded server is already open.")
        sweep()
        making = make_directory()
        lock = try_lock(making / "lock")
        assert lock is not None  # nobody else knows the name
        home = making.with_name(making.name.replace("new-", "test-", 1))
        making.rename(home)
        self._lock = lock
        self._cluster = Cluster(
            home=home,
            binaries=self._binaries,
            account=self._account,
            password=secrets.token_hex(16),
            is_throwaway=True,
        )
        try:
            self._cluster.create()
            self._server = start_on_free_port(
                self._cluster, settings=self._settings, lock=lock
            )
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server and remove its data."""
        self.close()

    @property
    def major(self) -> int:
        """The major version of PostgreSQL."""
        return self._binaries.major

    @property
    def host(self) -> str:
        """The address it listens on."""
        return HOST

    @property
    def port(self) -> int:
        """The port it listens on, the same after a restart."""
        return self._opened()[1].port

    @property
    def user(self) -> str:
        """The superuser."""
        return SUPERUSER

    @property
    def password(self) -> str:
        """The superuser's password."""
        return self._opened()[0].password

    @property
    def is_running(self) -> bool:
        """Whether it is up."""
        return self._opened()[1].is_running

    @property
    def socket_directory(self) -> str:
        """The directory of the unix socket; its owner needs no password there."""
        return str(self._opened()[0].sockets)

    def dsn(self, dbname: str = "postgres") -> str:
        """The address of a database over TCP."""
        cluster, server = self._opened()
        return cluster.dsn(server.port, dbname)

    def stop(self, *, immediate: bool = False) -> None:
        """Stop it, keep its data; `immediate` is as good as a crash of the server."""
        self._opened()[1].stop(immediate=immediate)

    def start(self) -> None:
        """Start it again on the same port; does nothing when it runs."""
        cluster, server = self._opened()
        if server.is_running:
            return
        server.stop(immediate=True)
        wait_for_port(server.port, timeout_s=_PORT_PATIENCE_S)
        self._server = RunningServer(
            cluster, port=server.port, settings=self._settings, lock=self._lock
        )

    def restart(self, *, immediate: bool = False) -> None:
        """Stop it and start it again on the same port."""
        self.stop(immediate=immediate)
        self.start()

    def close(self) -> None:
        """Stop it and remove its data; does nothing after the first time."""
        if self._server is not None:
            self._server.stop(immediate=True)
            self._server = None
        if self._cluster is not None:
            shutil.rmtree(self._cluster.home, ignore_errors=True)
            os.close(self._lock)
            self._cluster = None

    def _opened(self) -> tuple[Cluster, RunningServer]:
        if self._cluster is None or self._server is None:
            raise EmbeddedError("The embedded server is not open: use it in a `with`.")
        return self._cluster, self._server
