"""Makes a World on the shared database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest_asyncio

from workflow_pg import World

if TYPE_CHECKING:
    # A plugin is loaded before it is imported, so that its assertions are explained.
    from tests.support import Session


@pytest_asyncio.fixture
async def world(db: Session) -> AsyncIterator[World]:
    """A World on the database of `db`, open."""
    async with World(db.dsn) as world:
        yield world
