"""The directory of embedded servers is ours alone, and cleaned of what was left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workflow_pg.embedded import EmbeddedError, dev_dsn, state
from workflow_pg.embedded.state import (
    find_state_root,
    is_locked,
    make_directory,
    state_root,
    sweep,
    try_lock,
)

pytestmark = pytest.mark.one_major

_OLD = 1_000_000_000  # seconds since 1970


@pytest.fixture(autouse=True)
def _parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(state, "_PARENT", tmp_path)


def test_looking_does_not_make_it():
    assert not find_state_root().exists()
    assert dev_dsn(Path.cwd()) is None
    assert not find_state_root().exists()
    assert state_root().is_dir()


def test_it_is_private_whatever_the_umask():
    before = os.umask(0)
    try:
        assert state_root().stat().st_mode & 0o066 == 0
    finally:
        os.umask(before)


@pytest.mark.parametrize("kind", ["link", "file", "open to all"])
def test_somebody_elses_directory_in_its_place_is_refused(tmp_path: Path, kind: str):
    path = tmp_path / f"workflow-pg-{os.geteuid()}"
    if kind == "link":
        path.symlink_to(tmp_path)
    elif kind == "file":
        path.touch()
    else:
        path.mkdir()
        path.chmod(0o777)
    with pytest.raises(EmbeddedError, match="is not a directory that only user"):
        state_root()
    with pytest.raises(EmbeddedError, match="is not a directory that only user"):
        dev_dsn(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_directory_of_another_user_is_refused(tmp_path: Path):
    path = tmp_path / "workflow-pg-0"
    path.mkdir(mode=0o700)
    os.chown(path, 12345, 12345)
    with pytest.raises(EmbeddedError, match="is not a directory that only user 0"):
        state_root()


def test_a_lock_is_held_until_it_is_closed(tmp_path: Path):
    path = tmp_path / "lock"
    assert not is_locked(path)
    descriptor = try_lock(path)
    assert descriptor is not None
    assert try_lock(path) is None
    assert is_locked(path)
    os.close(descriptor)
    assert not is_locked(path)


def test_sweeping_removes_what_nobody_holds():
    held, abandoned, cut_off = (
        make_directory().rename(state_root() / f"test-{name}")
        for name in ("held", "abandoned", "cut-off")
    )
    making, forgotten, kept = make_directory(), make_directory(), state_root() / "dev-1"
    kept.mkdir()
    descriptor = try_lock(held / "lock")
    assert descriptor is not None
    (abandoned / "lock").touch()
    for path in (cut_off, forgotten, kept):
        os.utime(path, (_OLD, _OLD))

    sweep()

    assert set(state_root().iterdir()) == {held, making, kept}
    os.close(descriptor)
