"""The small process between an owner and its PostgreSQL: none outlives the owner.

It is run as a script with the standard library alone, so that it starts in a few
milliseconds and depends on no import of the owner. A pipe from the owner is its
standard input: a byte says how to stop, its end says that the owner is gone. Unlike a
parent-death signal this does not bind the server to the thread that started it; that
signal is the second line, for the case that the supervisor itself is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TypedDict

FAST = b"f"
IMMEDIATE = b"i"
READY = b"ready\n"

_SIGNALS = {FAST: signal.SIGINT, IMMEDIATE: signal.SIGQUIT}
# A fast shutdown writes a checkpoint; an immediate one only ends processes.
_PATIENCE_S = {signal.SIGINT: 60.0, signal.SIGQUIT: 10.0}
_PR_SET_PDEATHSIG = 1


class Orders(TypedDict):
    """What the owner tells the supervisor, as JSON in its only argument."""

    command: list[str]
    environment: dict[str, str]
    data: str
    log: str
    uid: int
    gid: int
    owner: int  # process id
    lock: int  # file descriptor, held by every process of the server
    announcement: str  # a file that goes when the server does
    remove_when_orphaned: str  # a directory, or ''


def _death_signal(number: int) -> Callable[[], None]:
    supervisor = os.getpid()

    def bind_to_supervisor() -> None:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != supervisor:
            os._exit(1)

    return bind_to_supervisor


def _launch(orders: Orders, orphan_signal: int) -> subprocess.Popen[bytes]:
    changes_user = orders["uid"] != os.geteuid()
    with open(orders["log"], "ab") as log:
        return subprocess.Popen(
            orders["command"],
            cwd=orders["data"],
            env=orders["environment"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[orders["lock"]],
            start_new_session=True,
            user=orders["uid"] if changes_user else None,
            group=orders["gid"] if changes_user else None,
            extra_groups=[] if changes_user else None,
            # Runs after the change of user, which would clear it. Safe here and not
            # in the owner: this process has one thread.
            preexec_fn=(
                _death_signal(orphan_signal) if sys.platform == "linux" else None
            ),
        )


def _is_ready(data: str, pid: int) -> bool:
    """Whether the postmaster of this data directory says it accepts connections."""
    try:
        lines = Path(data, "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    # A standby is one, too: it accepts those who only read.
    states = {"ready", "standby"}
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() in states


def _stop(child: subprocess.Popen[bytes], first: signal.Signals) -> None:
    for number in (first, signal.SIGQUIT):
        child.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_PATIENCE_S[number])
            return
    child.kill()
    child.wait()


def _ignore(number: int, frame: FrameType | None) -> None:
    """Let the signal interrupt a select and do nothing else."""


def _guard(
    child: subprocess.Popen[bytes], orders: Orders, orphan_signal: signal.Signals
) -> tuple[signal.Signals | None, bool]:
    """Wait for a reason to stop; return the signal it asks for, and if orphaned."""
    wake, wake_writer = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(wake_writer, False)
    signal.set_wakeup_fd(wake_writer)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, _ignore)
    is_announced = False
    while child.poll() is None:
        if not is_announced and _is_ready(orders["data"], child.pid):
            is_announced = True
            with contextlib.suppress(BrokenPipeError):
                os.write(sys.stdout.fileno(), READY)
        readable, _, _ = select.select(
            [sys.stdin.fileno(), wake], [], [], 1.0 if is_announced else 0.01
        )
        if wake in readable and signal.SIGTERM in os.read(wake, 64):
            return signal.SIGINT, False
        if sys.stdin.fileno() in readable:
            word = os.read(sys.stdin.fileno(), 1)
            return _SIGNALS.get(word, orphan_signal), word == b""
        # A forked child of the owner may hold the pipe open after its death.
        if os.getppid() != orders["owner"]:
            return orphan_signal, True
    return None, False


def main(argument: str) -> int:
    """Run PostgreSQL until the owner says stop, or is gone; return its exit status."""
    orders: Orders = json.loads(argument)
    os.umask(0o077)  # the log may quote statements
    is_throwaway = orders["remove_when_orphaned"] != ""
    orphan_signal = signal.SIGQUIT if is_throwaway else signal.SIGINT
    child = _launch(orders, orphan_signal)
    number, is_orphan = _guard(child, orders, orphan_signal)
    Path(orders["announcement"]).unlink(missing_ok=True)
    if number is not None:
        _stop(child, number)
    if is_orphan and is_throwaway:
        shutil.rmtree(orders["remove_when_orphaned"], ignore_errors=True)
    return child.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
