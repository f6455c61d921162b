"""Values of all kinds, and classes that have steps and workflows."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any

import pydantic
from vercel.workflow import (
    BaseHook,
    Workflows,
    WorkflowWritable,
    get_writable,
    serializable,
)

# In this app every replay has a sandbox of its own.
wf = Workflows()


@dataclasses.dataclass
class Address:
    """A dataclass in a dataclass."""

    street: str
    lines: list[str] = dataclasses.field(default_factory=list[str])


@dataclasses.dataclass
class Person:
    """A dataclass with others."""

    name: str
    home: Address
    friends: list[Person] = dataclasses.field(default_factory=list[Any])


class Basket(pydantic.BaseModel):
    """A model with models."""

    owner: Person
    prices: dict[str, int]


@serializable
class Colour(enum.Enum):
    """An enum."""

    RED = "red"


class Size(enum.IntEnum):
    """An enum of numbers, which travels as a number."""

    LARGE = 3


@wf.step
async def carry(value: Any) -> Any:
    """Anything."""
    return value


@wf.workflow
async def carried(value: Any) -> Any:
    """Anything through a body and a step."""
    return await carry(value)


@wf.step
async def rename(person: Person, name: str) -> Person:
    """A dataclass in and out."""
    return dataclasses.replace(person, name=name)


@wf.workflow
async def dressed(basket: Basket, colour: Colour, size: Size) -> Basket:
    """Models, dataclasses and enums, validated in the body."""
    assert type(basket) is Basket
    assert type(basket.owner.home) is Address
    assert colour is Colour.RED
    assert size is Size.LARGE
    owner = await rename(basket.owner, "Ann")
    assert type(owner.friends[0].home) is Address
    return basket.model_copy(update={"owner": owner})


class Calculator:
    """A class with workflow and steps."""

    factor = 2

    @staticmethod
    @wf.step
    async def add(left: int, right: int) -> int:
        """Add."""
        return left + right

    @staticmethod
    @wf.step
    async def times_factor(value: int) -> int:
        """Multiply by what the class says."""
        return value * Calculator.factor

    @staticmethod  # pyright: ignore[reportArgumentType] - a Workflow is not callable
    @wf.workflow
    async def calculate(left: int, right: int) -> int:
        """Add and multiply."""
        return await Calculator.times_factor(await Calculator.add(left, right))


@dataclasses.dataclass
class Counter:
    """An instance that travels by value."""

    value: int


@wf.step
async def count(counter: Counter, by: int) -> Counter:
    """What a method would do, of an instance that was passed."""
    counter.value += by
    return counter


@wf.workflow
async def counting(counter: Counter) -> list[int]:
    """The instance of the step is another one."""
    counted = await count(counter, 10)
    return [counter.value, counted.value]


@wf.workflow
async def step_as_value() -> None:
    """What is refused: a step is no value."""
    await carry(carry)


@wf.workflow
async def returns_its_stream() -> WorkflowWritable:
    """Return the stream, for the client to find it."""
    await write_numbers()
    return get_writable(namespace="numbers")


@wf.step
async def write_numbers() -> None:
    """Ten lines."""
    out = get_writable(namespace="numbers")
    for number in range(10):
        await out.write(f"{number}\n")
    await out.close()


class Parcel(BaseHook, pydantic.BaseModel):
    """A payload with a model in it."""

    basket: Basket


@wf.step
async def write_texts(texts: list[bytes]) -> None:
    """Bytes, one by one."""
    out = get_writable()
    for text in texts:
        await out.write(text)
    await out.close()


@wf.workflow
async def texts(given: list[bytes]) -> None:
    """Stream what it is given."""
    await write_texts(given)


@wf.step
async def secret() -> Any:
    """Return a value of a class that the module of the body does not import."""
    from tests.scenarios.apps.secret import Secret

    return Secret(42)


@wf.workflow
async def opaque() -> str:
    """What the body makes of it."""
    try:
        return f"{await secret()}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
