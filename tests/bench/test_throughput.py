"""The measurement of throughput runs; how fast is for a quiet machine to say."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.cli.command import ROOT, children, run_python


@pytest.mark.one_major
def test_every_workflow_is_measured_in_both_modes() -> None:
    before = children(os.getpid())
    done = run_python(
        *("-m", "bench.throughput", "--runs", "3", "--repeats", "1"), cwd=Path(ROOT)
    )
    assert done.returncode == 0, done.stderr
    conditions, heading, *lines = done.stdout.splitlines()
    assert re.match(
        r"Python 3\.\d+\.\d+, psycopg .*, PostgreSQL \d+.* cores", conditions
    )
    assert heading.split()[:2] == ["sandbox", "workflow"]
    assert [line.split()[0] for line in lines] == ["default"] * 3 + [
        "share_sandboxes"
    ] * 3
    for line in lines:
        assert all(float(word) > 0 for word in line.split()[-6:] if word != "-")
    assert children(os.getpid()) == before
