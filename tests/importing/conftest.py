"""A database of the other package, beside ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from tests.support import Session, connect
from workflow_pg import World
from workflow_pg.importing import Import, import_from

Importing = Callable[..., Awaitable[Import]]


@pytest.fixture
def ours(dsn: str) -> Iterator[Session]:
    """A session in our database."""
    with connect(dsn) as session:
        yield session


@pytest.fixture
def bring(dsn: str, empty_dsn: str) -> Importing:
    """Import the other database, which is `empty_dsn`, into ours."""

    async def run(**options: Any) -> Import:
        async with World(dsn, max_size=1) as world:
            return await import_from(empty_dsn, world, **options)

    return run
