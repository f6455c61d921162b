"""The development server of a directory: its data stays, its commands find it."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypedDict, cast

from workflow_pg.embedded.account import server_account
from workflow_pg.embedded.binaries import Binaries, find_binaries, reachable_binaries
from workflow_pg.embedded.cluster import HOST, Cluster
from workflow_pg.embedded.errors import EmbeddedError
from workflow_pg.embedded.running import (
    START_TIMEOUT_S,
    RunningServer,
    check_settings,
    start_on_free_port,
)
from workflow_pg.embedded.state import (
    find_state_root,
    is_locked,
    make_directory,
    state_root,
    sweep,
    try_lock,
)

_STOP_TIMEOUT_S = 90.0
_DATABASE = "postgres"


class _Identity(TypedDict):
    """What stays the same from one start to the next."""

    directory: str
    password: str
    port: int | None


class _Announcement(TypedDict):
    """What others read of the running server."""

    dsn: str
    major: int
    port: int
    supervisor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DevServer:
    """The running server of a directory, started by us or found running."""

    directory: Path
    dsn: str
    major: int
    server: RunningServer | None

    @property
    def is_owner(self) -> bool:
        """Whether we started it; then it ends with us."""
        return self.server is not None

    def close(self) -> None:
        """Stop it if we started it; its data stays."""
        if self.server is not None:
            self.server.stop(immediate=False)

    def __enter__(self) -> Self:
        """Use it for a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """As close()."""
        self.close()


def start_dev(
    directory: Path | str,
    *,
    binaries: Binaries | None = None,
    settings: Mapping[str, str] | None = None,
) -> DevServer:
    """Start the server of a directory, or attach to it when it runs.

    Args:
        directory: the project; its path is the key to the data.
        binaries: which PostgreSQL; by default what find_binaries() finds, or what runs.
        settings: server settings by name, over ours; without effect when it runs.

    Raises:
        EmbeddedError: it does not start, or one of another major version runs.
    """
    directory = Path(directory).resolve()
    checked = check_settings(settings or {})
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        home = _make_home(directory)
        lock = try_lock(home / "lock")
        if lock is not None:
            try:
                return _start(home, directory, binaries, checked, lock)
            finally:
                # From here on it is held by the server's processes only.
                os.close(lock)
        found = _announced(home)
        if found is not None:
            return _attach(directory, found, binaries)
        time.sleep(0.05)  # another process is starting it, or it is stopping
    raise EmbeddedError(
        f"The development server of {directory} has been starting or stopping for"
        f" {START_TIMEOUT_S:.0f} s: see {_home(directory) / 'log'}."
    )


def dev_dsn(directory: Path | str) -> str | None:
    """The address of the server of a directory; None when it does not run."""
    found = _announced(_home(Path(directory).resolve()))
    return None if found is None else found["dsn"]


def named_dsn(given: str | None) -> str | None:
    """Say which database is meant; None when nobody named one.

    Args:
        given: What the caller passed: it comes first, also when it is empty, which is
            a variable that is not set and no wish for another database. Then
            ``WORKFLOW_PG_DSN``, then the server of the current directory.
    """
    if given is not None:
        return given or None
    return os.environ.get("WORKFLOW_PG_DSN") or dev_dsn(Path.cwd())


def stop_dev(directory: Path | str) -> bool:
    """Stop the server of a directory, whoever started it; False when none runs."""
    directory = Path(directory).resolve()
    home = _home(directory)
    found = _announced(home)
    if found is None:
        return False
    os.kill(found["supervisor"], signal.SIGTERM)
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    while is_locked(home / "lock"):
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"The development server of {directory} did not stop within"
                f" {_STOP_TIMEOUT_S:.0f} s: see {home / 'log'}."
            )
        time.sleep(0.02)
    return True


def destroy_dev(directory: Path | str) -> bool:
    """Stop the server of a directory and remove its data; False when there is none."""
    directory = Path(directory).resolve()
    stop_dev(directory)
    home = _home(directory)
    if not home.exists():
        return False
    lock = try_lock(home / "lock")
    if lock is None:
        raise EmbeddedError(
            f"The development server of {directory} is being started: try again."
        )
    shutil.rmtree(home)
    os.close(lock)
    return True


def _home(directory: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    return find_state_root() / f"dev-{digest}"


def _make_home(directory: Path) -> Path:
    state_root()
    home = _home(directory)
    if not home.exists():
        making = make_directory()
        identity: _Identity = {
            "directory": str(directory),
            "password": secrets.token_hex(16),
            "port": None,
        }
        _write_json(making / "identity.json", identity)
        try:
            making.rename(home)
        except OSError:  # another process was first
            shutil.rmtree(making)
    return home


def _start(
    home: Path,
    directory: Path,
    binaries: Binaries | None,
    settings: Mapping[str, str],
    lock: int,
) -> DevServer:
    sweep()
    account = server_account()
    identity = cast("_Identity", _read_json(home / "identity.json"))
    cluster = Cluster(
        home=home,
        binaries=reachable_binaries(binaries or find_binaries(), account),
        account=account,
        password=identity["password"],
        is_throwaway=False,
    )
    cluster.announcement.unlink(missing_ok=True)
    cluster.create()
    cluster.log.unlink(missing_ok=True)
    server = start_on_free_port(
        cluster, settings=settings, lock=lock, wanted=identity["port"]
    )
    dsn = cluster.dsn(server.port, _DATABASE)
    announcement: _Announcement = {
        "dsn": dsn,
        "major": cluster.binaries.major,
        "port": server.port,
        "supervisor": server.supervisor_pid,
    }
    try:
        identity["port"] = server.port
        _write_json(home / "identity.json", identity)
        _write_json(cluster.announcement, announcement)
    except BaseException:
        server.stop(immediate=False)
        raise
    return DevServer(
        directory=directory, dsn=dsn, major=cluster.binaries.major, server=server
    )


def _attach(
    directory: Path, found: _Announcement, binaries: Binaries | None
) -> DevServer:
    if binaries is not None and binaries.major != found["major"]:
        raise EmbeddedError(
            f"The development server of {directory} runs PostgreSQL {found['major']},"
            f" not {binaries.major}: stop it first."
        )
    return DevServer(
        directory=directory, dsn=found["dsn"], major=found["major"], server=None
    )


def _announced(home: Path) -> _Announcement | None:
    """What the running server of a directory says of itself."""
    # A killed supervisor leaves the file behind, but neither lock nor listener.
    if not is_locked(home / "lock"):
        return None
    try:
        found = cast("_Announcement", _read_json(home / "server.json"))
    except FileNotFoundError:
        return None
    try:
        socket.create_connection((HOST, found["port"]), timeout=1.0).close()
    except OSError:
        return None
    return found


def _read_json(path: Path) -> object:
    return json.loads(path.read_text())


def _write_json(path: Path, value: object) -> None:
    making = path.with_suffix(".new")
    making.touch(mode=0o600)
    making.write_text(json.dumps(value))
    making.rename(path)
