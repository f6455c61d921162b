"""A workflow that finishes what was begun elsewhere."""

from __future__ import annotations

from vercel.workflow import Workflows

wf = Workflows(as_vercel_job=False)


@wf.step
async def charge(order: str, cents: int) -> str:
    """Say what was charged."""
    return f"receipt-{order}-{cents}"


@wf.workflow
async def fulfil(order: str, cents: int) -> str:
    """Charge once."""
    return await charge(order, cents)
