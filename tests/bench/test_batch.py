"""The measurement of batches runs; how fast is for a quiet machine to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.batch import ACTS
from tests.cli.command import ROOT, run_python


@pytest.mark.one_major
def test_everything_is_measured() -> None:
    done = run_python(
        *("-m", "bench.batch", "--sizes", "1", "3", "--rounds", "1"), cwd=Path(ROOT)
    )
    assert done.returncode == 0, done.stderr
    conditions, heading, _, *lines = done.stdout.splitlines()
    assert conditions.startswith("PostgreSQL ")
    assert heading == "| us per item, n = | 1 | 3 |"
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines] == list(ACTS)
    for line in lines:
        assert all(float(word.replace(",", "")) > 0 for word in line.split("|")[2:4])
