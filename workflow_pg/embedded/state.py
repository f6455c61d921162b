"""Where embedded servers keep what they write: /var/tmp/workflow-pg-<uid>/.

Not below the project or the home directory: those may be private to root, while the
server of root runs as another user. What is made here appears under its final name
complete or not at all, so that processes starting at the same time do not meet halves.

    postgres-<version>-<digest>/  binaries that the server's user could not reach
    test-<random>/                a throwaway server, locked while it lives
    dev-<digest of a path>/       the server of a directory, locked while it runs
    new-<random>/                 one of these, in the making
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

from workflow_pg.embedded.errors import EmbeddedError

_PARENT = Path("/var/tmp")
_MAKING_S = 3600.0  # nothing is in the making for longer


def state_root() -> Path:
    """The directory of this user's embedded servers, made if absent."""
    path = _root_path()
    # Root's server runs as another user, who must pass, but not look around.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=mode)
        path.chmod(mode)
    _check_is_ours(path)
    return path


def find_state_root() -> Path:
    """The directory of this user's embedded servers, which may be absent."""
    path = _root_path()
    if path.exists():
        _check_is_ours(path)
    return path


def _root_path() -> Path:
    return _PARENT / f"workflow-pg-{os.geteuid()}"


def _check_is_ours(path: Path) -> None:
    # Everybody can write to its parent: somebody may have been there first.
    uid = os.geteuid()
    status = path.lstat()
    is_ours = stat.S_ISDIR(status.st_mode) and status.st_uid == uid
    if not is_ours or status.st_mode & 0o022:
        raise EmbeddedError(
            f"{path} is not a directory that only user {uid} can write to:"
            " remove it, and it will be made anew."
        )


def make_directory() -> Path:
    """A new directory in the making; rename it when it is complete."""
    path = Path(tempfile.mkdtemp(prefix="new-", dir=state_root()))
    path.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return path


def try_lock(path: Path, *, may_create: bool = True) -> int | None:
    """Take the lock of a file, for as long as the returned descriptor is open."""
    flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if may_create else 0)
    while True:
        descriptor = os.open(path, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        if os.fstat(descriptor).st_nlink > 0:
            return descriptor
        # The file was removed between the opening and the lock.
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether some process holds the lock of the file."""
    try:
        descriptor = try_lock(path, may_create=False)
    except FileNotFoundError:
        return False
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def sweep() -> None:
    """Remove what killed owners of throwaway servers have left behind."""
    for path in state_root().iterdir():
        with contextlib.suppress(OSError):
            if path.name.startswith("new-"):
                _remove_if_old(path)
            elif path.name.startswith("test-"):
                _remove_if_unlocked(path)


def _remove_if_old(path: Path) -> None:
    if time.time() - path.stat().st_mtime > _MAKING_S:
        shutil.rmtree(path, ignore_errors=True)


def _remove_if_unlocked(path: Path) -> None:
    try:
        descriptor = try_lock(path / "lock", may_create=False)
    except FileNotFoundError:
        # Its removal was under way; if that was cut off, age tells.
        _remove_if_old(path)
        return
    if descriptor is not None:
        shutil.rmtree(path, ignore_errors=True)
        os.close(descriptor)
