"""The development server of a directory: found by others, its data kept."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.embedded.processes import Owner, processes_of, wait_until
from workflow_pg.embedded import (
    Binaries,
    EmbeddedError,
    destroy_dev,
    dev_dsn,
    find_binaries,
    start_dev,
    stop_dev,
)
from workflow_pg.embedded.state import find_state_root

pytestmark = pytest.mark.one_major

_START = """
import sys
from workflow_pg.embedded import find_binaries, start_dev
with start_dev(sys.argv[2], binaries=find_binaries(bindir=sys.argv[1])) as server:
    print(server.dsn, server.is_owner, flush=True)
    sys.stdin.read()
"""


def _home_of(directory: Path) -> Path:
    """Where the server of a directory is; servers of other tests are beside it."""
    for home in find_state_root().glob("dev-*"):
        with contextlib.suppress(FileNotFoundError):
            identity = json.loads((home / "identity.json").read_text())
            if identity["directory"] == str(directory.resolve()):
                return home
    pytest.fail(f"no development server of {directory}")


def test_a_directory_without_a_server_has_no_address(tmp_path: Path, own_root: Path):
    assert dev_dsn(tmp_path) is None
    assert stop_dev(tmp_path) is False
    assert destroy_dev(tmp_path) is False
    assert list(own_root.iterdir()) == []


def test_its_data_is_flushed_to_disk(project: Path, binaries: Binaries):
    with (
        start_dev(project, binaries=binaries, settings={"work_mem": "5MB"}) as server,
        psycopg.connect(server.dsn) as connection,
    ):
        for setting, value in {
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "jit": "off",
            "work_mem": "5MB",
        }.items():
            query = "select pg_catalog.current_setting(%s)"
            assert connection.execute(query, [setting]).fetchone() == (value,)


def test_its_data_and_address_stay_from_one_start_to_the_next(
    project: Path, binaries: Binaries
):
    with start_dev(project, binaries=binaries) as server:
        assert server.is_owner
        dsn = server.dsn
        assert dev_dsn(project) == dsn
        with psycopg.connect(dsn) as connection:
            connection.execute("create table kept as select 1 as n")
    assert dev_dsn(project) is None

    with start_dev(project, binaries=binaries) as server:
        assert server.dsn == dsn
        with psycopg.connect(dsn) as connection:
            assert connection.execute("select n from kept").fetchone() == (1,)


def test_another_process_attaches_and_does_not_stop_it(
    project: Path, binaries: Binaries
):
    with start_dev(project, binaries=binaries) as server:
        with Owner(_START, str(binaries.bindir), str(project)) as other:
            assert other.first_line == f"{server.dsn} False"
            other.process.communicate(input="")
        with start_dev(project) as attached:
            assert not attached.is_owner
        assert dev_dsn(project) == server.dsn
        psycopg.connect(server.dsn).close()


def test_of_many_processes_that_start_it_at_once_one_does(
    project: Path, binaries: Binaries
):
    command = [sys.executable, "-c", _START, str(binaries.bindir), str(project)]
    starters = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    lines = [
        starter.stdout.readline().split()
        for starter in starters
        if starter.stdout is not None
    ]
    for starter in starters:
        starter.communicate(input="")
    assert len({dsn for dsn, _ in lines}) == 1
    assert sorted(is_owner for _, is_owner in lines) == ["False"] * 3 + ["True"]


def test_it_can_be_stopped_by_another_process(project: Path, binaries: Binaries):
    with Owner(_START, str(binaries.bindir), str(project)) as owner:
        dsn, is_owner = owner.first_line.split()
        assert is_owner == "True"
        assert dev_dsn(project) == dsn
        assert stop_dev(project) is True
        assert dev_dsn(project) is None
        assert stop_dev(project) is False
        owner.process.communicate(input="")
        assert owner.process.returncode == 0


def test_it_goes_with_a_killed_owner_and_its_data_stays(
    project: Path, binaries: Binaries
):
    with Owner(_START, str(binaries.bindir), str(project)) as owner:
        dsn = owner.first_line.split()[0]
        with psycopg.connect(dsn) as connection:
            connection.execute("create table kept as select 1 as n")
        home = _home_of(project)
        owner.process.kill()
        wait_until(lambda: processes_of(home) == [])
    assert dev_dsn(project) is None

    with (
        start_dev(project, binaries=binaries) as server,
        psycopg.connect(server.dsn) as connection,
    ):
        assert connection.execute("select n from kept").fetchone() == (1,)


def test_the_server_is_of_its_directory_only(
    project: Path, tmp_path_factory: pytest.TempPathFactory, binaries: Binaries
):
    second = tmp_path_factory.mktemp("second")
    with start_dev(project, binaries=binaries) as one:
        assert dev_dsn(second) is None
        try:
            with start_dev(second, binaries=binaries) as two:
                assert one.dsn != two.dsn
        finally:
            destroy_dev(second)
        assert dev_dsn(project) == one.dsn


def test_destroying_it_removes_its_data(project: Path, binaries: Binaries):
    with start_dev(project, binaries=binaries):
        home = _home_of(project)
        assert destroy_dev(project) is True
    assert not home.exists()


def test_data_of_another_major_version_is_refused(project: Path, binaries: Binaries):
    with start_dev(project, binaries=binaries):
        home = _home_of(project)
    data = home / f"data-{binaries.major}"
    version = data / "PG_VERSION"
    version.write_text("14\n")
    with pytest.raises(EmbeddedError) as caught:
        start_dev(project, binaries=binaries)
    assert str(caught.value) == (
        f"{data} holds data of PostgreSQL 14, and the programs in"
        f" {find_binaries(bindir=binaries.bindir).bindir} are PostgreSQL"
        f" {binaries.version}: use those of its version, or remove the directory."
    )
    assert version.read_text() == "14\n"


def test_attaching_to_another_major_version_is_refused(
    project: Path, binaries: Binaries
):
    other = replace(binaries, major=14, version="14.1")
    with (
        start_dev(project, binaries=binaries),
        pytest.raises(EmbeddedError, match="stop it first"),
    ):
        start_dev(project, binaries=other)
