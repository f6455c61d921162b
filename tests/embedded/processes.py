"""The processes of this machine, and one to kill."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

_PATIENCE_S = 30.0


def processes_of(home: Path | str) -> list[int]:
    """The processes whose command line names a directory."""
    # Wide, or a long path is cut off.
    command = ["ps", "-axww", "-o", "pid=,stat=,args="]
    listing = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = (line.split(maxsplit=2) for line in listing.stdout.splitlines())
    return [
        int(pid)
        for pid, state, *arguments in lines
        if str(home) in "".join(arguments) and not state.startswith("Z")
    ]


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for what other processes do; there is nothing to block on."""
    deadline = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


class Owner:
    """Another process that opens a server, says where, and waits to be killed."""

    def __init__(self, program: str, *arguments: str) -> None:
        """Start it and wait for its first line."""
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline().strip()

    def __enter__(self) -> Owner:
        """Use it for a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Kill it, if the test has not."""
        self.process.kill()
        self.process.communicate()
