"""Several worker processes: started, started again when they die, and ended together.

Each is `worker_process.py` with connections of its own. It is in a process group of its
own, because Ctrl-C of a terminal reaches all of a group, and a second one would end the
work in hand at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import logging
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator

from workflow_pg.cli.output import CommandError, ExitCode
from workflow_pg.cli.worker_process import FAREWELL_SECONDS, UNREACHABLE
from workflow_pg.cli.working import WorkerOptions

__all__ = ["Processes"]

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
MOST_DOUBLINGS = 6
HEALTHY_SECONDS = 5.0
"""A process that lived for less has died at once."""
MOST_DEATHS = 5
"""So many in a row, each at once, and there is no point in another."""

# With these a worker ends that could not begin, however long it took to find out.
_NEVER_BEGAN = {
    ExitCode.USAGE,
    ExitCode.NOT_FOUND,
    ExitCode.REFUSED,
    ExitCode.UNUSABLE,
}

log = logging.getLogger("workflow_pg")


class Processes:
    """Keeps worker processes running until SIGTERM or Ctrl-C.

    Args:
        options: Those of each worker.
        count: How many processes.
        changes: Sentences about changes of the app. After each all processes are
            started anew, as they end; and what dies at once waits for the next one.
    """

    def __init__(
        self,
        options: WorkerOptions,
        *,
        count: int,
        changes: AsyncIterator[str] | None = None,
    ) -> None:
        self._options = options
        self._count = count
        self._changes = changes
        self._living: set[Process] = set()
        self._told: set[Process] = set()
        self._is_stopping = False
        self._generation = 0
        self._news = asyncio.Event()
        self._given_up: CommandError | None = None
        self._has_worked = False
        # Each process writes a byte when it has begun.
        self._begun, self._begins = os.pipe()
        os.set_blocking(self._begun, False)

    async def run(self) -> int:
        """Work until told to stop; the worst exit code of the processes' last ones.

        Raises:
            CommandError: One of them died at once, again and again.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        watching = asyncio.create_task(self._watch())
        try:
            places = range(1, self._count + 1)
            codes = await asyncio.gather(*(self._keep(place) for place in places))
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
            os.close(self._begun)
            os.close(self._begins)
        if self._given_up is not None:
            raise self._given_up
        return max(map(_exit_code, codes))

    async def _keep(self, place: int) -> int:
        """Keep the process of one place running; how its last one has ended."""
        loop = asyncio.get_running_loop()
        deaths = waits = 0
        while True:
            generation, began = self._generation, loop.time()
            code = await self._live(place)
            # Later the server may go away, and then it is waited for.
            is_waiting = self._has_one_worked() and code == UNREACHABLE
            code = ExitCode.UNUSABLE if code == UNREACHABLE else code
            if self._is_stopping:
                return code
            if generation != self._generation:
                deaths = waits = 0
                continue
            waits = waits + 1 if is_waiting else 0
            is_early = code in _NEVER_BEGAN or loop.time() - began < HEALTHY_SECONDS
            deaths = deaths + 1 if is_early and not is_waiting else 0
            if (
                self._changes
                and not is_waiting
                and (code in _NEVER_BEGAN or deaths == MOST_DEATHS)
            ):
                log.error("the worker did not start: waiting for the next change")
                await self._news.wait()
                deaths = 0
            elif deaths == MOST_DEATHS:
                self._give_up(place, code)
            else:
                doublings = min(max(deaths + waits - 1, 0), MOST_DOUBLINGS)
                pause = FIRST_PAUSE_SECONDS * 2**doublings
                pause = min(pause, LONGEST_PAUSE_SECONDS)
                log.error(
                    "worker process %s ended %s: another one starts in %.1f s",
                    place,
                    _words(code),
                    pause,
                )
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), pause)
            if self._is_stopping:
                return code

    async def _live(self, place: int) -> int:
        """One process from its start to its end; its exit code, or minus a signal."""
        generation = self._generation
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "workflow_pg.cli.worker_process",
            self._options.app,
            str(self._begins),
            stdin=asyncio.subprocess.PIPE,
            pass_fds=[self._begins],
            process_group=0,
        )
        log.info("worker process %s has the id %s", place, process.pid)
        self._living.add(process)
        try:
            if self._is_stopping or generation != self._generation:
                self._end(process)
            stdin = process.stdin
            assert stdin is not None
            given = json.dumps(dataclasses.asdict(self._options))
            stdin.write(f"{given}\n".encode())
            # It may be dead already.
            with contextlib.suppress(ConnectionError):
                await stdin.drain()
            code = await process.wait()
        finally:
            self._living.discard(process)
            self._told.discard(process)
        # Told to stop before it could listen: it had nothing in hand.
        is_unborn = self._is_stopping and code == -signal.SIGTERM
        return ExitCode.OK if is_unborn else code

    def _has_one_worked(self) -> bool:
        """Whether a process of this command has begun, this one or another."""
        with contextlib.suppress(BlockingIOError):
            self._has_worked = bool(os.read(self._begun, 4096)) or self._has_worked
        return self._has_worked

    def _stop(self) -> None:
        """Have all processes finish what they have; a second time: end it."""
        at_once, self._is_stopping = self._is_stopping, True
        self._tell()
        for process in self._living:
            self._end(process, at_once=at_once)

    def _end(self, process: Process, *, at_once: bool = False) -> None:
        """Have a process finish what it has, or end it, and kill it if it does not."""
        if process in self._told and not at_once:
            # A second signal would end what it has in hand.
            return
        self._told.add(process)

        def kill() -> None:
            if process.returncode is None:
                log.error("process %s does not end: killing it", process.pid)
                process.kill()

        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        seconds = 0.0 if at_once else self._options.grace
        asyncio.get_running_loop().call_later(seconds + FAREWELL_SECONDS, kill)

    def _give_up(self, place: int, code: int) -> None:
        self._given_up = self._given_up or CommandError(
            f"Worker process {place} ended {MOST_DEATHS} times in a row as soon as it"
            f" was started, the last time {_words(code)}: what it has printed says"
            " why; all others are stopped.",
            code=_exit_code(code) or ExitCode.NEGATIVE,
        )
        if not self._is_stopping:
            self._stop()

    async def _watch(self) -> None:
        """Start all processes anew after each change."""
        if self._changes is None:
            return
        async for sentence in self._changes:
            log.info("%s: starting the worker anew", sentence)
            self._generation += 1
            self._tell()
            for process in self._living:
                self._end(process)

    def _tell(self) -> None:
        """Wake those that wait for a change or for an end."""
        self._news.set()
        self._news = asyncio.Event()


def _exit_code(code: int) -> int:
    """As shells say it when a signal has ended a process."""
    return code if code >= 0 else 128 - code


def _words(code: int) -> str:
    names = {number.value: number.name for number in signal.Signals}
    return f"by {names.get(-code, -code)}" if code < 0 else f"with exit code {code}"
