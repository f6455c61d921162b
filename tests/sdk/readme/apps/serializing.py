"""Serializing your own types."""

# The README is not typed strictly.
# pyright: basic

from typing import Any

import pydantic
from vercel.workflow import Workflows, register_serializable

from tests.sdk.readme.apps.business import fulfilled

wf = Workflows()


class Receipt(pydantic.BaseModel):
    """What a customer gets."""

    sku: str
    cents: int


# README: Serializing your own types, 1
class Order(pydantic.BaseModel):
    sku: str
    quantity: int


@wf.step
async def fulfil(order: Order) -> Receipt:
    fulfilled.append(order)
    return Receipt(sku=order.sku, cents=order.quantity * 100)


@wf.step
async def fulfil_many(orders: list[Order] | None) -> None:
    fulfilled.append(orders)


# end

# README: Serializing your own types, 2
import enum

from vercel.workflow import serializable


@serializable
class Point:
    def __init__(self, x: int, y: int) -> None:
        self.x, self.y = x, y

    def _workflow_serialize(self) -> dict[str, int]:
        return {"x": self.x, "y": self.y}

    @classmethod
    def _workflow_deserialize(cls, data: dict[str, int]) -> "Point":
        return cls(**data)


@serializable  # an Enum needs no methods
class Tier(enum.Enum):
    PRO = "pro"


# end


class Money:
    """A class that somebody else wrote."""

    def __init__(self, cents: int) -> None:
        self.cents = cents


register_serializable(
    Money,
    class_id="class//shop//Money",
    serialize=lambda money: money.cents,
    deserialize=lambda cents: Money(cents),
)


@wf.workflow
async def order(first: Order, others: list[Order] | None) -> Receipt:
    """Models in, a model out."""
    assert type(first) is Order
    receipt = await fulfil(first)
    assert type(receipt) is Receipt
    await fulfil_many(others)
    return receipt


@wf.step
async def misread(quantity: int) -> int:
    """A step that is given something else."""
    return quantity


@wf.workflow
async def mistaken(quantity: Any) -> None:
    """Pass on what does not match the annotation of the step."""
    await misread(quantity)


@wf.step
async def move(point: Point, tier: Tier, money: Money) -> list[Point | Tier | Money]:
    """Own types in and out of a step."""
    assert (type(point), type(tier), type(money)) == (Point, Tier, Money)
    return [Point(point.x + 1, point.y), tier, Money(money.cents + 1)]


@wf.workflow
async def journey(point: Point, tier: Tier, money: Money) -> list[Point | Tier | Money]:
    """Own types in and out of a workflow, and in its body."""
    assert (type(point), type(tier), type(money)) == (Point, Tier, Money)
    values = await move(point, tier, money)
    assert [type(value) for value in values] == [Point, Tier, Money]
    return values


@wf.step
async def carry(values: Any) -> Any:
    """Anything."""
    return values


@wf.workflow
async def carried(values: Any) -> Any:
    """What the payload format carries by itself."""
    return await carry(values)
