"""The linter finds what an unfinished merge leaves behind, and nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools.merge_lint import leftovers

# Not written out: the linter reads this file, too.
OURS, BASE, THEIRS = "<" * 7, "|" * 7, ">" * 7


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A working tree of git's."""
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    return tmp_path


def test_a_conflict_is_found_in_any_file(tree: Path) -> None:
    (tree / "a.md").write_text(f"x\n{OURS} HEAD\na\n{BASE}\n=======\nb\n{THEIRS} b\n")
    (tree / "b.sql").write_text("select 1;\n")
    assert leftovers(tree) == [
        f"a.md:2:{OURS} HEAD",
        f"a.md:4:{BASE}",
        f"a.md:7:{THEIRS} b",
    ]


def test_what_only_looks_like_one_is_none(tree: Path) -> None:
    (tree / "a.md").write_text(
        f"Heading\n=======\n {OURS} HEAD\n{OURS}<\n{THEIRS}text\n|||||||||\n"
    )
    (tree / "b.bin").write_bytes(f"\0\n{OURS} HEAD\n".encode())
    assert leftovers(tree) == []


def test_what_is_no_tree_is_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="not a git repository"):
        leftovers(tmp_path)
