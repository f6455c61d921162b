"""pgbouncer in transaction mode before the server of the tests.

Each transaction of a client may come to another session of the server, so whatever
expects one of its own fails here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from tests.servers import Server
from workflow_pg.embedded.account import server_account
from workflow_pg.embedded.running import free_port

PATIENCE = 20.0  # seconds

# The shell ends the pooler when this process ends, however it does.
_COMMAND = '"$1" -q "$2" & read -r _; kill $!; wait'

_SETTINGS = """
[databases]
* = host={server.host} port={server.port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = {auth}
auth_file = {home}/users
logfile = {home}/log
pool_mode = transaction
default_pool_size = 20
max_client_conn = 500
; The next transaction comes to the session that has rested longest, seldom to the same.
server_round_robin = 1
"""


def program() -> str | None:
    """The program, or None where it is not installed."""
    # Debian has it where only root looks.
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
    return shutil.which("pgbouncer", path=path)


@dataclass(frozen=True, slots=True)
class Pooler:
    """A pooler that runs."""

    port: int

    def through(self, dsn: str) -> str:
        """The address of a database of the server that leads through the pooler."""
        return make_conninfo(dsn, host="127.0.0.1", port=self.port)


@contextmanager
def open_pooler(server: Server, found: str) -> Generator[Pooler]:
    """Run the pooler while the block lasts."""
    account = server_account()
    # Not the directory of the test: the pooler's user could not reach it.
    home = Path(tempfile.mkdtemp(prefix="workflow-pg-pooler-", dir="/var/tmp"))
    port = free_port()
    auth = "scram-sha-256" if server.password else "trust"
    settings = _SETTINGS.format(server=server, port=port, home=home, auth=auth)
    (home / "settings").write_text(settings)
    (home / "users").write_text(f'"{server.user}" "{server.password}"\n')
    if account.is_other:
        # It refuses to be root, whose files would be closed to another user.
        for path in (home, *home.iterdir()):
            os.chown(path, account.uid, account.gid)
    process = subprocess.Popen(
        ["/bin/sh", "-c", _COMMAND, "sh", found, str(home / "settings")],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the tests, which still need it then
        user=account.uid if account.is_other else None,
        group=account.gid if account.is_other else None,
        extra_groups=[] if account.is_other else None,
    )
    with process:
        try:
            pooler = Pooler(port)
            _wait_for(pooler.through(server.dsn()), process, home / "log")
            yield pooler
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()
            shutil.rmtree(home)


def _wait_for(dsn: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(dsn, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            told = log.read_text() if log.exists() else "it wrote no log"
            raise AssertionError(f"pgbouncer does not answer: {told}") from error
        return
