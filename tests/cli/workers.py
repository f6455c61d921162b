"""Workers as processes, for tests that hire them and look at what they leave."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.cli.command import ROOT, environment
from tests.support import Session

COMMAND = [sys.executable, "-m", "workflow_pg.cli", "worker"]
GATES = "tests.cli.apps.gates:wf"

Hire = Callable[..., "Hired"]


class Hired:
    """A worker in a process of its own."""

    def __init__(
        self, dsn: str, folder: Path, log: Path, *options: str, app: str = GATES
    ) -> None:
        """Start it."""
        self.log = log
        given = dict(zip(options[::2], options[1::2], strict=True))
        self.count = int(given.get("--processes", "1"))
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [*COMMAND, app, *options],
                cwd=ROOT,
                env={**environment(dsn), "GATES": str(folder)},
                stdout=file,
                stderr=file,
                # As a terminal does, Ctrl-C reaches the whole group.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def serves(self) -> bool:
        """Whether it is ready to claim, with as many processes as were asked for."""
        assert self.process.poll() is None, self.log.read_text()
        return self.log.read_text().count(" serves ") >= self.count

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


def start_run(
    session: Session, workflow: str, argument: str, *, app: str = "gates"
) -> str:
    """Start a run; its id."""
    return session.value(
        "select run_id from workflow_pg.create_run(p_run_id => null,"
        " p_workflow_name => %s, p_codec => 'json',"
        " p_input => convert_to(jsonb_build_array(%s::text)::text, 'UTF8'))",
        f"workflow//tests.cli.apps.{app}//{workflow}",
        argument,
    )


def output(session: Session, run_id: str) -> str | None:
    """What a run returned, as JSON; None before."""
    return session.value(
        "select convert_from(output, 'UTF8') from workflow_pg.get_run(%s)", run_id
    )


def workers(session: Session) -> int:
    """How many workers are announced."""
    return session.value("select count(*) from workflow_pg_private.workers")


def is_at_the_gate(folder: Path, worker: Hired) -> bool:
    """Whether a worker is inside the step."""
    return (folder / f"gate.{worker.pid}").exists()


def pids_at_the_gate(folder: Path) -> set[str]:
    """The processes that are or were inside the step."""
    return {path.suffix[1:] for path in folder.glob("gate.*")} - {"open"}


def open_gate(folder: Path) -> None:
    """Let the step pass, and all that come later."""
    (folder / "gate.open").touch()
