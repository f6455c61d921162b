"""Programs of the documentation, in a directory and in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.docs.blocks import ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Files in a directory, and the database that they use, None for that of `dev`."""

    folder: Path
    dsn: str | None

    def write(self, files: Mapping[str, str]) -> None:
        """Write files by name."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def run(self, *arguments: str) -> str:
        """What Python prints with these arguments; it has to succeed in silence."""
        return self.execute(sys.executable, *arguments)

    def execute(self, *command: str) -> str:
        """What a command prints; it has to succeed in silence."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == "", done.stderr
        return done.stdout.strip()

    def worker(
        self, registry: str, *options: str, command: str = "worker"
    ) -> AbstractContextManager[None]:
        """`workflow-pg worker` or `dev` with a registry, while the block runs."""
        return self.serving("-m", "workflow_pg.cli", command, registry, *options)

    @contextmanager
    def serving(self, *arguments: str) -> Generator[None]:
        """A worker that Python runs with these arguments, while the block runs."""
        path = self.folder / "worker.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=self.folder,
                env=self._environment(),
                stdout=log,
                stderr=log,
            )
            try:
                while " serves " not in path.read_text():
                    assert process.poll() is None, path.read_text()
                    time.sleep(0.05)
                yield
            finally:
                process.send_signal(signal.SIGINT)
                code = process.wait(timeout=30)
        assert code == 0, path.read_text()

    def _environment(self) -> dict[str, str]:
        environment = {
            **os.environ,
            # `python` is the one that runs the tests.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "WORKFLOW_PG_DSN": self.dsn or "",
        }
        if self.dsn is None:
            del environment["WORKFLOW_PG_DSN"]
        return environment
