"""A terminal, as far as a program can tell."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path

from tests.cli.command import PATIENCE_SECONDS, environment

_STYLE = re.compile(r"\x1b\[[\d;]*m")


class Screen:
    """A command whose output is a terminal of a width."""

    def __init__(
        self,
        *arguments: str,
        cwd: Path,
        dsn: str,
        width: int = 140,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Start it."""
        self._leader, follower = pty.openpty()
        size = struct.pack("HHHH", 40, width, 0, 0)
        fcntl.ioctl(follower, termios.TIOCSWINSZ, size)
        made = {**environment(dsn), "TERM": "xterm-256color", **(settings or {})}
        if "NO_COLOR" not in (settings or {}):
            made.pop("NO_COLOR", None)
        # Beside the terminal they would say how wide it is.
        for name in ("COLUMNS", "LINES"):
            made.pop(name, None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workflow_pg.cli", *arguments],
            cwd=cwd,
            env=made,
            stdin=subprocess.DEVNULL,
            stdout=follower,
            stderr=subprocess.PIPE,
        )
        os.close(follower)
        os.set_blocking(self._leader, False)
        self.text = ""

    def read(self) -> str:
        """All that it has written until now, with its escapes."""
        try:
            while read := os.read(self._leader, 65536):
                self.text += read.decode()
        except (BlockingIOError, OSError):
            pass
        return self.text

    def read_to_the_end(self) -> str:
        """All that it writes; it has to succeed."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "it did not end in time"
            self.read()
            time.sleep(0.02)
        self.read()
        os.close(self._leader)
        assert self.process.stderr is not None
        errors = self.process.stderr.read().decode()
        self.process.stderr.close()
        assert (self.process.returncode, errors) == (0, "")
        return self.text.replace("\r\n", "\n")


def unstyled(text: str) -> str:
    """A text without colours."""
    return _STYLE.sub("", text)
