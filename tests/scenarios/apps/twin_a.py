"""One of two modules with a workflow of the same name."""

from __future__ import annotations

from vercel.workflow import SandboxPolicy, Workflows

wf = Workflows(sandbox_policy=SandboxPolicy(share_sandboxes=True))


@wf.step
async def name() -> str:
    """A step of the same name, too."""
    return "a"


@wf.workflow
async def who() -> str:
    """Say which."""
    return await name()
