"""One directory that holds a server, and how its data directory is made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from workflow_pg.embedded.account import Account
from workflow_pg.embedded.binaries import Binaries
from workflow_pg.embedded.errors import EmbeddedError

HOST = "127.0.0.1"
SUPERUSER = "postgres"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A directory that holds one server: its data, its sockets, its log, its lock."""

    home: Path
    binaries: Binaries
    account: Account
    password: str
    is_throwaway: bool

    @property
    def data(self) -> Path:
        """The data directory; another major version gets another."""
        return self.home / f"data-{self.binaries.major}"

    @property
    def sockets(self) -> Path:
        """The directory of the unix socket; short, as its path has 107 bytes."""
        return self.home / "socket"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "log"

    @property
    def lock(self) -> Path:
        """The file that every process of the server holds locked."""
        return self.home / "lock"

    @property
    def announcement(self) -> Path:
        """The file that tells others of the running server."""
        return self.home / "server.json"

    def dsn(self, port: int, dbname: str) -> str:
        """The address of a database of the running server, over TCP."""
        return (
            f"postgresql://{SUPERUSER}:{self.password}@{HOST}:{port}"
            f"/{quote(dbname, safe='')}"
        )

    def environment(self) -> dict[str, str]:
        """The environment of the server's programs: nothing of ours."""
        return {
            "HOME": str(self.sockets),
            "LC_ALL": "C",
            "PATH": "/usr/bin:/bin",
            "TZ": "UTC",
        }

    def create(self) -> None:
        """Make the data directory unless it is there; refuse that of another major."""
        self._make_owned(self.sockets)
        if self.data.exists():
            self._check_major()
            return
        # Interrupted, it leaves a directory that the next start makes anew.
        making = self.data.with_suffix(".new")
        shutil.rmtree(making, ignore_errors=True)
        self._make_owned(making)
        # initdb cannot read a pipe of ours once it runs as another user.
        password_file = self.home / "password"
        try:
            password_file.touch(mode=0o600)
            password_file.write_text(self.password + "\n")
            os.chown(password_file, self.account.uid, self.account.gid)
            self._run_initdb(making, password_file)
        finally:
            password_file.unlink()
        making.rename(self.data)

    def _make_owned(self, path: Path) -> None:
        path.mkdir(mode=0o700, exist_ok=True)
        os.chown(path, self.account.uid, self.account.gid)

    def _check_major(self) -> None:
        version = self.data / "PG_VERSION"
        found = version.read_text().strip() if version.is_file() else "no PostgreSQL"
        if found != str(self.binaries.major):
            raise EmbeddedError(
                f"{self.data} holds data of PostgreSQL {found}, and the programs in"
                f" {self.binaries.bindir} are PostgreSQL {self.binaries.version}:"
                " use those of its version, or remove the directory."
            )

    def _run_initdb(self, data: Path, password_file: Path) -> None:
        command = [
            self.binaries.program("initdb"),
            f"--pgdata={data}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth-host=scram-sha-256",
            "--auth-local=trust",  # the socket's directory admits its owner only
            "--encoding=UTF8",
            "--no-instructions",
            *self._locale(),
        ]
        if self.is_throwaway:
            command.append("--no-sync")
        is_other = self.account.is_other
        try:
            result = subprocess.run(
                command,
                cwd=data,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                user=self.account.uid if is_other else None,
                group=self.account.gid if is_other else None,
                extra_groups=[] if is_other else None,
            )
        except OSError as error:
            raise EmbeddedError(
                f"{command[0]} does not run as user {self.account.name}:"
                f" {error.strerror}."
            ) from error
        if result.returncode != 0:
            raise EmbeddedError(
                f"{command[0]} could not make {data}: {reason_of(result.stderr)}"
            )

    def _locale(self) -> list[str]:
        if self.binaries.major >= 17:
            # The same on every system; PostgreSQL carries it.
            return [
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
            ]
        return ["--locale=C.UTF-8" if sys.platform == "linux" else "--locale=C"]


def reason_of(output: str) -> str:
    """The line of a program's output that says best why it failed."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for level in ("PANIC:", "FATAL:", "error:"):
        for line in lines:
            if level in line:
                return line[line.index(level) + len(level) :].strip()
    return lines[-1] if lines else "it said nothing."
