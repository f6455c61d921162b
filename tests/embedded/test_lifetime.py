"""No server outlives its owner, however the owner ends."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psycopg
import pytest

from tests.embedded.processes import Owner, processes_of, wait_until
from workflow_pg.embedded import Binaries, EmbeddedServer

pytestmark = pytest.mark.one_major

_OPEN = """
import sys
from pathlib import Path
from workflow_pg.embedded import EmbeddedServer, find_binaries
server = EmbeddedServer(binaries=find_binaries(bindir=sys.argv[1]))
with server:
    print(Path(server.socket_directory).parent, flush=True)
    sys.stdin.read()
"""

_OPEN_AND_FORK = """
import os, signal, sys
from pathlib import Path
from workflow_pg.embedded import EmbeddedServer, find_binaries
with EmbeddedServer(binaries=find_binaries(bindir=sys.argv[1])) as server:
    if (child := os.fork()) == 0:
        signal.pause()
    print(Path(server.socket_directory).parent, child, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_server_of_an_owner_that_is_killed_goes_with_its_data(
    binaries: Binaries, number: signal.Signals
):
    with Owner(_OPEN, str(binaries.bindir)) as owner:
        home = Path(owner.first_line)
        owner.process.send_signal(number)
        wait_until(lambda: processes_of(home) == [] and not home.exists())


def test_a_forked_child_of_the_owner_does_not_keep_the_server(binaries: Binaries):
    with Owner(_OPEN_AND_FORK, str(binaries.bindir)) as owner:
        home, child = owner.first_line.split()
        owner.process.kill()
        try:
            wait_until(lambda: processes_of(home) == [] and not Path(home).exists())
        finally:
            os.kill(int(child), signal.SIGKILL)


@pytest.mark.skipif(
    not Path("/proc").exists(), reason="the signal at the parent's death is Linux's"
)
def test_what_a_killed_supervisor_leaves_the_next_server_removes(binaries: Binaries):
    with Owner(_OPEN, str(binaries.bindir)) as owner:
        home = Path(owner.first_line)
        for pid in (_supervisor_of(home), owner.process.pid):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: processes_of(home) == [])
        assert home.exists()

    with EmbeddedServer(binaries=binaries):
        assert not home.exists()


def test_a_new_server_leaves_the_data_of_others(binaries: Binaries):
    with EmbeddedServer(binaries=binaries) as first:
        first.stop()
        with EmbeddedServer(binaries=binaries) as second:
            first.start()
            assert first.port != second.port
        psycopg.connect(first.dsn()).close()


def test_a_server_whose_postgres_crashed_says_so(binaries: Binaries):
    with EmbeddedServer(binaries=binaries) as server:
        home = Path(server.socket_directory).parent
        data = home / f"data-{server.major}"
        postmaster = int((data / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        wait_until(lambda: not server.is_running)
        # Its children see its death by themselves, a moment later.
        wait_until(lambda: processes_of(home) == [])
        server.start()
        psycopg.connect(server.dsn()).close()


def _supervisor_of(home: Path) -> int:
    def is_supervisor(pid: int) -> bool:
        return b"supervisor.py" in Path("/proc", str(pid), "cmdline").read_bytes()

    (supervisor,) = filter(is_supervisor, processes_of(home))
    return supervisor
