"""Hooks: an approval by the id of an order."""

# The README is not typed strictly.
# pyright: basic

from dataclasses import dataclass

from pydantic import BaseModel
from vercel.workflow import BaseHook, Workflows

wf = Workflows()


@dataclass
class Approval(BaseHook):
    """The answer of a person."""

    approved: bool


# README: Hooks, 3
@wf.workflow
async def wait_for_approval(order_id: str) -> bool:
    approval = await Approval.wait(
        token=f"order:{order_id}", metadata={"order": order_id}
    )
    return approval.approved


# end


class Delivery(BaseModel, BaseHook):
    """A model as payload: where the parcel is, and who has it."""

    place: str
    carriers: list[str] = []


@wf.workflow
async def follow(token: str) -> list[str]:
    """Receive models until the parcel is at home."""
    places: list[str] = []
    async with Delivery.wait(token=token) as hook:
        async for delivery in hook:
            places.append(" ".join([delivery.place, *delivery.carriers]))
            if delivery.place == "home":
                break
    return places
