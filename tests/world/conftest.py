"""Makes a World on the shared database: async and, for most questions, blocking too."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
import pytest_asyncio

from tests.world.doors import Awaited
from workflow_pg import SyncWorld, World

if TYPE_CHECKING:
    # A plugin is loaded before it is imported, so that its assertions are explained.
    from tests.support import Session

# What is asked of both Worlds: the tests of these files know none but `world`.
THROUGH_BOTH = {
    "test_attributes",
    "test_batches",
    "test_events",
    "test_hostile_values",
    "test_hooks",
    "test_operations",
    "test_queue",
    "test_refusals",
    "test_runs",
    "test_steps",
    "test_waits",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask each question of these files through both doors.

    A test with a connection of its own is about async ones; `test_sync` has its like.
    """
    name = Path(inspect.getfile(metafunc.function)).stem
    if "world" in metafunc.fixturenames and name in THROUGH_BOTH:
        has_own = "connection=" in inspect.getsource(metafunc.function)
        doors = ["async"] if has_own else ["async", "sync"]
        metafunc.parametrize("world", doors, indirect=True)


@pytest_asyncio.fixture
async def world(db: Session, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """A World on the database of `db`, open."""
    if getattr(request, "param", "async") == "sync":
        with SyncWorld(db.dsn) as blocking:
            yield cast("World", Awaited(blocking))
    else:
        async with World(db.dsn) as world:
            yield world
