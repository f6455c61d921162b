"""A worker for the apps that a file of tests names in ``REGISTRIES``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
import pytest_asyncio

from tests.crew import Crew, at_work


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def crew(module_dsn: str, request: pytest.FixtureRequest) -> AsyncIterator[Crew]:
    """A worker for each app of the file, for all its tests."""
    module = cast("Any", request.module)  # pyright: ignore[reportUnknownMemberType]
    async with at_work(module_dsn, *module.REGISTRIES) as crew:
        yield crew
