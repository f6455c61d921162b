"""Queue namespaces."""

# The README is not typed strictly.
# pyright: basic

# README: Queue namespaces, 1
from vercel.workflow import BaseHook, Workflows

workflows = Workflows(namespace="billing")
# end

import dataclasses


@dataclasses.dataclass
class Paid(BaseHook):
    """A payment came in."""

    cents: int


@workflows.step
async def add(left: int, right: int) -> int:
    """Add."""
    return left + right


@workflows.workflow
async def bill(token: str, cents: int) -> int:
    """What is left after a payment."""
    paid = await Paid.wait(token=token)
    return await add(cents, -paid.cents)
