"""A worker for the apps of a file of tests, in both modes of the SDK's sandbox.

The file names its apps' registries in ``REGISTRIES``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import pytest
import pytest_asyncio
from vercel.workflow import Workflows

from tests.crew import Crew, at_work, tell_sandboxes
from tests.sdk.readme.apps import business


@pytest.fixture(scope="module")
def registries(request: pytest.FixtureRequest) -> list[Workflows]:
    """The apps of the file."""
    module = cast("Any", request.module)  # pyright: ignore[reportUnknownMemberType]
    return module.REGISTRIES


@pytest.fixture(scope="module", params=["fresh", "shared"])
def sandboxes(
    request: pytest.FixtureRequest, registries: list[Workflows]
) -> Iterator[str]:
    """Both modes, for the README does not say which."""
    with pytest.MonkeyPatch.context() as patch:
        tell_sandboxes(patch, *registries, shared=request.param == "shared")
        yield request.param


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def crew(
    module_dsn: str, registries: list[Workflows], sandboxes: str
) -> AsyncIterator[Crew]:
    """A worker for each app of the file."""
    assert sandboxes in {"fresh", "shared"}
    async with at_work(module_dsn, *registries) as crew:
        yield crew


@pytest.fixture(autouse=True)
def clean() -> None:
    """Forget what the businesses of other tests have done."""
    business.charged.clear()
    business.elapsed.clear()
    business.links.clear()
    business.answers.clear()
    business.fulfilled.clear()
    business.http.calls = 0
    business.llm.halfway = None
