"""One process at a time: tests run in several, and share what npm installs."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Generator
from pathlib import Path


@contextlib.contextmanager
def alone_in(directory: Path) -> Generator[None]:
    """Wait until no other process of this user is in a block about a directory."""
    digest = hashlib.sha256(str(directory.resolve()).encode()).hexdigest()[:16]
    name = f"workflow-pg-tests-{os.getuid()}-{digest}.lock"
    with (Path(tempfile.gettempdir()) / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
