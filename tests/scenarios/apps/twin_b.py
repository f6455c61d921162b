"""The other module with a workflow of the same name."""

from __future__ import annotations

from tests.scenarios.apps.twin_a import wf


@wf.step
async def name() -> str:
    """A step of the same name, too."""
    return "b"


@wf.workflow
async def who() -> str:
    """Say which."""
    return await name()
