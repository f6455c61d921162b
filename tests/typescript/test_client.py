"""The tests of the TypeScript client, each file against a database of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.typescript.conftest import CLIENT, Run

FILES = sorted((CLIENT / "test").glob("*.test.js"))


@pytest.mark.one_major
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.split(".")[0])
def test_the_client_passes_its_tests(file: Path, dsn: str, run_node: Run) -> None:
    told = run_node("--test", str(file), dsn=dsn)
    assert "# fail 0" in told
    assert "# skipped 0" in told
