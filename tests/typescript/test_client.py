"""The tests of the TypeScript client, each file against a database of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, commands
from tests.typescript.conftest import CLIENT, Run

FILES = sorted((CLIENT / "test").glob("*.test.js"))


@pytest.mark.one_major
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.split(".")[0])
def test_the_client_passes_its_tests(file: Path, dsn: str, run_node: Run) -> None:
    told = run_node("--test", str(file), dsn=dsn)
    assert "# fail 0" in told
    assert "# skipped 0" in told


@pytest.mark.one_major
def test_an_app_that_installs_it_as_the_page_says_can_import_it(
    node: str, tmp_path: Path
) -> None:
    """Also from a clone in which nothing is installed, where a link finds no `pg`."""
    page = ROOT / "docs" / "typescript.md"
    (line,) = [line for line in commands(page) if line.startswith("npm install")]
    (tmp_path / "package.json").write_text('{"private": true}')
    words = line.replace("./clients/typescript", str(CLIENT)).split()
    said = subprocess.run(
        [*words, "--no-audit", "--no-fund"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    package = tmp_path / "node_modules" / "world-workflow-pg"
    assert not package.is_symlink()
    code = "await import('world-workflow-pg')"
    imported = [node, "--input-type=module", "--eval", code]
    subprocess.run(imported, cwd=tmp_path, check=True)
