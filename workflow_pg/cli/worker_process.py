"""One of several worker processes: `python -m workflow_pg.cli.worker_process APP FD`.

`processes.py` starts it and holds the other end of its standard input. The first line
of that is its options, so that no password is in a list of processes; its end says that
whoever started it is gone, on every system and however that happened. It writes a byte
to FD when it can claim.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
from types import FrameType

from workflow_pg.cli.logs import LogFormat
from workflow_pg.cli.running import run_handler
from workflow_pg.cli.working import WorkerOptions, work
from workflow_pg.errors import Unreachable, is_transient

# After the grace: to give back what is in hand, and to sign off.
FAREWELL_SECONDS = 10.0

UNREACHABLE = 75
"""How it ends when there was no server at its start; the command says UNUSABLE."""

log = logging.getLogger("workflow_pg")


def main() -> int:
    """Work until SIGTERM, Ctrl-C or the end of standard input.

    Returns:
        An ExitCode, or UNREACHABLE.
    """
    # Until the worker has its own way to end: there is nothing to finish yet.
    signal.signal(signal.SIGTERM, _end_at_once)
    told = _private_input()
    given = json.loads(_first_line(told))
    if given["log_format"] is not None:
        given["log_format"] = LogFormat(given["log_format"])
    options = WorkerOptions(**given)
    threading.Thread(
        target=_end_with_owner, args=(told, options.grace), daemon=True
    ).start()
    is_unreachable = False

    def handle() -> int:
        nonlocal is_unreachable
        try:
            return work(options, on_begin=_tell_begin)
        except Exception as error:
            is_unreachable = isinstance(error, Unreachable) or is_transient(error)
            raise

    code = run_handler(handle, dsn=lambda: options.dsn)
    return UNREACHABLE if is_unreachable else code


def _tell_begin() -> None:
    begun = int(sys.argv[2])
    os.write(begun, b".")
    os.close(begun)


def _end_at_once(number: int, frame: FrameType | None) -> None:
    os._exit(0)


def _private_input() -> int:
    """Standard input under another number; what steps start gets an empty one."""
    told = os.dup(sys.stdin.fileno())
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, sys.stdin.fileno())
    os.close(empty)
    return told


def _first_line(told: int) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        read = os.read(told, 65536)
        if not read:
            os._exit(0)
        line += read
    return line


def _end_with_owner(told: int, grace: float) -> None:
    while os.read(told, 4096):
        pass
    log.warning("whoever started this worker process is gone: stopping")
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(grace + FAREWELL_SECONDS)
    # Its event loop is blocked for good.
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
