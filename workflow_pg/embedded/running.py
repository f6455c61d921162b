"""A running server: its port, its settings, and the supervisor that ends it."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Mapping

from workflow_pg.embedded import supervisor
from workflow_pg.embedded.cluster import HOST, Cluster, reason_of
from workflow_pg.embedded.errors import EmbeddedError

START_TIMEOUT_S = 60.0

# Below the range from which systems draw the ports of outgoing connections: a client
# that tries again and again while the server restarts could else get the server's own
# port and connect to itself.
_PORTS = range(15_000, 30_000)

_DEFAULTS = {
    "jit": "off",  # it costs more than the short statements of this engine
    "max_connections": "200",
}
_OURS = ("data_directory", "listen_addresses", "port", "unix_socket_directories")


class RunningServer:
    """PostgreSQL on a cluster, under a supervisor that ends it with this process."""

    def __init__(
        self, cluster: Cluster, *, port: int, settings: Mapping[str, str], lock: int
    ) -> None:
        """Start it and wait until it accepts connections."""
        self.port = port
        orders: supervisor.Orders = {
            "command": _command(cluster, port, settings),
            "environment": cluster.environment(),
            "data": str(cluster.data),
            "log": str(cluster.log),
            "uid": cluster.account.uid,
            "gid": cluster.account.gid,
            "owner": os.getpid(),
            "lock": lock,
            "announcement": str(cluster.announcement),
            "remove_when_orphaned": str(cluster.home) if cluster.is_throwaway else "",
        }
        log_start = cluster.log.stat().st_size if cluster.log.exists() else 0
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", supervisor.__file__, json.dumps(orders)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[lock],
            start_new_session=True,  # Ctrl-C is for the owner, who may need us longer
        )
        try:
            is_ready = self._wait_until_ready()
        except BaseException:
            self.stop(immediate=True)
            raise
        if not is_ready:
            self.stop(immediate=True)
            with open(cluster.log, "rb") as log:
                log.seek(log_start)
                reason = reason_of(log.read().decode(errors="replace"))
            raise EmbeddedError(
                f"PostgreSQL {cluster.binaries.version} did not start: {reason}"
            )

    @property
    def supervisor_pid(self) -> int:
        """The process id of the supervisor; SIGTERM to it stops the server."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the server is up, as far as its supervisor knows."""
        return self._process.poll() is None

    def stop(self, *, immediate: bool) -> None:
        """Stop the server and wait for its end; does nothing after the first time."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        if not stdin.closed:
            word = supervisor.IMMEDIATE if immediate else supervisor.FAST
            with contextlib.suppress(BrokenPipeError):
                os.write(stdin.fileno(), word)
            self._process.wait()
            stdin.close()
            stdout.close()

    def _wait_until_ready(self) -> bool:
        stdout = self._process.stdout
        assert stdout is not None
        readable, _, _ = select.select([stdout], [], [], START_TIMEOUT_S)
        return bool(readable) and stdout.readline() == supervisor.READY


def check_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings of a server over our defaults; refuse what we must set ourselves."""
    for name, value in settings.items():
        if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", name) is None or "\0" in value:
            raise EmbeddedError(f"{name!r} is not a server setting with a text value.")
        if name.lower() in _OURS:
            raise EmbeddedError(
                f"The setting {name} is the launcher's own: leave it out."
            )
    return {**_DEFAULTS, **settings}


def free_port(wanted: int | None = None) -> int:
    """A port on which nothing listens now; the wanted one if that is free."""
    attempts = random.sample(_PORTS, 100)
    for port in attempts if wanted is None else [wanted, *attempts]:
        with socket.socket() as probe:
            # As PostgreSQL does; a connection that was just closed is no hindrance.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((HOST, port))
                return port
    raise EmbeddedError(
        f"None of a hundred ports from {_PORTS.start} to {_PORTS.stop} is free."
    )


def wait_for_port(port: int, *, timeout_s: float) -> None:
    """Wait until a port that was ours is free again."""
    deadline = time.monotonic() + timeout_s
    while free_port(port) != port:
        if time.monotonic() > deadline:
            raise EmbeddedError(f"Port {port} was taken while the server was stopped.")
        time.sleep(0.05)


def _command(cluster: Cluster, port: int, settings: Mapping[str, str]) -> list[str]:
    own = {
        "listen_addresses": HOST,
        "port": str(port),
        "unix_socket_directories": str(cluster.sockets),
    }
    command = [cluster.binaries.program("postgres"), "-D", str(cluster.data)]
    for name, value in {**settings, **own}.items():
        command += ["-c", f"{name}={value}"]
    return command


def start_on_free_port(
    cluster: Cluster,
    *,
    settings: Mapping[str, str],
    lock: int,
    wanted: int | None = None,
) -> RunningServer:
    """Start a server on the wanted port, or on another if that is taken."""
    while True:
        port = free_port(wanted)
        try:
            return RunningServer(cluster, port=port, settings=settings, lock=lock)
        except EmbeddedError:
            # Another program may take the port after we found it free.
            if free_port(port) == port:
                raise
