"""The check of the wheel finds what is planted, and nothing in the one we build."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.distribution_lint import ROOT, build, faults

pytestmark = pytest.mark.one_major

INFO = "workflow_pg-0.1.0.dist-info"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this project."""
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


def rewritten(
    wheel: Path, folder: Path, edit: Callable[[dict[str, str]], None]
) -> Path:
    """A copy of the wheel whose files were edited."""
    with zipfile.ZipFile(wheel) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    edit(files)
    copy = folder / wheel.name
    with zipfile.ZipFile(copy, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return copy


def drop(name: str) -> Callable[[dict[str, str]], None]:
    return lambda files: files.__delitem__(name)


def add(name: str, text: str = "") -> Callable[[dict[str, str]], None]:
    return lambda files: files.__setitem__(name, files.get(name, "") + text)


def replace(name: str, old: str, new: str) -> Callable[[dict[str, str]], None]:
    def edit(files: dict[str, str]) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new)

    return edit


def test_the_wheel_of_this_project_has_no_fault(wheel: Path):
    assert list(faults(wheel, ROOT)) == []


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        (
            drop("workflow_pg/_sql/20_private/clock.sql"),
            "workflow_pg/_sql/20_private/clock.sql is missing",
        ),
        (
            drop("workflow_pg/_migrations/0002_types.sql"),
            "workflow_pg/_migrations/0002_types.sql is missing",
        ),
        (drop("workflow_pg/py.typed"), "workflow_pg/py.typed is missing"),
        (drop(f"{INFO}/licenses/LICENSE"), "the licence is missing"),
        (add("tests/test_x.py"), "tests/test_x.py does not belong in it"),
        (
            add("workflow_pg/notes.txt"),
            "workflow_pg/notes.txt does not belong in it",
        ),
        (
            add("workflow_pg/__init__.py", "\nimport psycopg\n"),
            "import workflow_pg loads psycopg",
        ),
        (
            add("workflow_pg/__init__.py", "\nimport nothing_like_it\n"),
            "import workflow_pg fails: ModuleNotFoundError: No module named 'nothing",
        ),
        (
            replace(f"{INFO}/METADATA", "Requires-Dist: cbor2", "X: cbor2"),
            "it needs psycopg-pool, psycopg[binary], not cbor2, psycopg-pool, psycopg",
        ),
        (
            replace(f"{INFO}/METADATA", "Provides-Extra: sdk", "X: sdk"),
            "its extras are ['dev', 'embedded', 'reload', 'rich', 'testing'], not",
        ),
        (replace(f"{INFO}/METADATA", "Summary:", "X:"), "its Summary is missing"),
        (
            replace(f"{INFO}/METADATA", "License-Expression: Apache-2.0", "X: y"),
            "its License-Expression is None, not Apache-2.0",
        ),
        (
            replace(f"{INFO}/METADATA", "Python :: 3.14", "Python :: 3.1"),
            "it does not say that it runs on Python 3.14",
        ),
        (
            replace(f"{INFO}/entry_points.txt", "cli:main", "cli:other"),
            "the command workflow-pg is missing",
        ),
        (
            replace(f"{INFO}/entry_points.txt", "testing.plugin", "testing.other"),
            "the plugin of pytest is missing",
        ),
    ],
)
def test_a_planted_fault_is_found(
    wheel: Path, tmp_path: Path, edit: Callable[[dict[str, str]], None], fault: str
):
    found = list(faults(rewritten(wheel, tmp_path, edit), ROOT))
    assert any(line.startswith(fault) for line in found), found
