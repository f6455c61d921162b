"""The README on values: what travels by itself, models, and own types."""

from __future__ import annotations

import datetime
import decimal
import pathlib
import uuid
from typing import Any

import pytest
from vercel.workflow import TypeValidationError, get_run, serializable, start

from tests.crew import Crew
from tests.sdk.readme.apps import business, serializing
from tests.sdk.readme.apps.serializing import Money, Order, Point, Receipt, Tier

pytestmark = pytest.mark.asyncio(loop_scope="module")

REGISTRIES = [serializing.wf]

UTC = datetime.UTC
VALUES: list[Any] = [
    None,
    True,
    0,
    -1.5,
    2**60,
    "text \0 \N{GRINNING FACE}",
    b"bytes \x00\xff",
    [1, [2, {"three": [4]}]],
    {"a": 1, "b": {"c": None}},
    {1, "two", None},
    datetime.datetime(2026, 2, 3, 4, 5, 6, 789000, tzinfo=UTC),
    decimal.Decimal("1.50"),
    uuid.UUID("12345678-1234-5678-1234-567812345678"),
    datetime.date(2026, 2, 3),
    datetime.time(4, 5, 6, 789),
    datetime.timedelta(days=1, microseconds=1),
    pathlib.Path("/var/tmp/x"),
]


async def test_values_travel_through_workflow_and_step_as_they_are(crew: Crew) -> None:
    run = await start(serializing.carried, VALUES)
    values: list[Any] = await crew.result(run)
    assert values == VALUES
    for value, sent in zip(values, VALUES, strict=True):
        assert isinstance(value, type(sent))


async def test_repeated_references_stay_one_object(crew: Crew) -> None:
    shared = {"one": 1}
    cycle: list[Any] = [shared, shared]
    cycle.append(cycle)
    run = await start(serializing.carried, cycle)
    values = await crew.result(run)
    assert values[0] is values[1]
    assert values[2] is values


async def test_models_are_validated_on_every_way(crew: Crew) -> None:
    first = Order(sku="hat", quantity=2)
    run = await start(serializing.order, first, [first])
    assert await crew.result(run) == Receipt(sku="hat", cents=200)
    assert business.fulfilled == [first, [first]]
    run = await start(serializing.order, first, None)
    again = get_run(run.run_id, type=Receipt)
    assert await crew.result(again) == Receipt(sku="hat", cents=200)
    assert await get_run(run.run_id).return_value() == {"sku": "hat", "cents": 200}
    with pytest.raises(TypeValidationError):
        await get_run(run.run_id, type=int).return_value()


async def test_a_value_that_does_not_match_is_fatal_to_a_step(crew: Crew) -> None:
    run = await start(serializing.mistaken, "many")
    failure = await crew.failure(run)
    assert "argument 'quantity' does not match" in str(failure)
    assert crew.types(run).count("step_started") == 1
    assert "step_retrying" not in crew.types(run)


async def test_own_types_travel_once_they_are_registered(crew: Crew) -> None:
    run = await start(serializing.journey, Point(1, 2), Tier.PRO, Money(99))
    match await crew.result(run):
        case [Point(x=2, y=2), Tier.PRO, Money(cents=100)]:
            pass
        case values:
            pytest.fail(f"{values}")


async def test_an_enum_needs_to_be_registered_and_a_class_needs_methods() -> None:
    with pytest.raises(TypeError, match="needs a _workflow_serialize method"):
        serializable(type("Bare", (), {}))
    with pytest.raises(TypeError, match="is a Pydantic model or dataclass"):
        serializable(Order)
