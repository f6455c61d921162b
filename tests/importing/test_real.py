"""The package itself makes the database: what is recorded in the dumps is no accident.

`make test-import` does it with 1,000 runs.
"""

from __future__ import annotations

import os

import pytest

from tests.importing import real
from tests.importing.conftest import Importing
from tests.importing.finishing import finish
from tests.importing.likeness import assert_alike
from tests.support import Session

RUNS = int(os.environ.get("WORKFLOW_PG_IMPORT_RUNS", "50"))
VERSIONS = ["4.3.7", "5.0.0-beta.29"]


@pytest.mark.one_major
@pytest.mark.timeout(120 + RUNS)
@pytest.mark.parametrize("version", VERSIONS)
async def test_runs_of_every_kind_are_alike_and_go_on(
    ours: Session, empty_dsn: str, bring: Importing, version: str
) -> None:
    there = real.make(version, empty_dsn, RUNS // len(VERSIONS))
    done = await bring()
    assert done.runs == {"imported": len(there)}
    assert done.is_complete
    for run in there:
        assert_alike(ours, run)
    for run in there:
        if run["run"]["status"] in {"pending", "running"}:
            finish(ours, run["run"]["runId"])
