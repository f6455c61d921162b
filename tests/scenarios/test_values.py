"""Values through workflows, steps and streams, and classes that have steps."""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any

import pytest
from vercel.workflow import WorkflowStreamHandle, read_stream, start

from tests.crew import Crew
from tests.scenarios.apps import values
from tests.scenarios.apps.values import Address, Basket, Colour, Person, Size

pytestmark = pytest.mark.asyncio(loop_scope="module")

REGISTRIES = [values.wf]

HOME = Address("1 Main Street", ["back door"])


async def test_models_dataclasses_and_enums_keep_their_types(crew: Crew) -> None:
    bo = Person("Bo", HOME)
    basket = Basket(owner=Person("An", HOME, [bo]), prices={"hat": 20})
    run = await start(values.dressed, basket, Colour.RED, Size.LARGE)
    assert await crew.result(run) == Basket(
        owner=Person("Ann", HOME, [bo]), prices={"hat": 20}
    )


@pytest.mark.parametrize(
    "value",
    [
        decimal.Decimal("0.10"),
        uuid.UUID(int=7),
        datetime.date(2026, 2, 28),
        datetime.time(23, 59, 59, 999999),
        datetime.timedelta(seconds=-1),
        datetime.datetime(2026, 2, 28, 12, 0, 0, 123000, tzinfo=datetime.UTC),
        {1, 2, 3},
        b"\x00\x01\xff",
        {"nested": [{"deep": [decimal.Decimal(1), {2}]}]},
        Colour.RED,
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_value_comes_back_equal_and_of_its_type(crew: Crew, value: Any) -> None:
    got = await crew.result(await start(values.carried, value))
    assert got == value
    assert type(got) is type(value)


async def test_a_tuple_is_a_list_on_its_way(crew: Crew) -> None:
    assert await crew.result(await start(values.carried, (1, (2,)))) == [1, [2]]


async def test_static_methods_are_steps_and_workflows(crew: Crew) -> None:
    run = await start(values.Calculator.calculate, 3, 5)
    assert await crew.result(run) == 16
    assert [step["name"] for step in crew.steps(run)] == [
        "Calculator.add",
        "Calculator.times_factor",
    ]


async def test_an_instance_travels_by_value(crew: Crew) -> None:
    run = await start(values.counting, values.Counter(5))
    assert await crew.result(run) == [5, 15]


async def test_a_class_that_the_body_does_not_import_is_named(crew: Crew) -> None:
    told = await crew.result(await start(values.opaque))
    assert told.startswith("FatalError: Cannot read the result of step")
    assert "unknown class 'class//tests.scenarios.apps.secret//Secret'" in told


async def test_a_step_is_no_value(crew: Crew) -> None:
    failure = await crew.failure(await start(values.step_as_value))
    assert "Cannot serialize value" in str(failure)


async def test_a_workflow_returns_its_stream(crew: Crew) -> None:
    run = await start(values.returns_its_stream)
    stream: Any = await crew.result(run)
    assert isinstance(stream, WorkflowStreamHandle)
    lines = [line async for line in read_stream(stream.run_id, stream.name)]
    assert "".join(lines) == "".join(f"{n}\n" for n in range(10))


async def test_bytes_of_every_script_stay_the_same(crew: Crew) -> None:
    texts = [
        "ASCII",
        "\u00e4\u00f6\u00fc \u20ac",
        "\U0001f600\U0001f468\u200d\U0001f469",
    ]
    texts += [
        "\u0645\u0631\u062d\u0628\u0627",
        '{"a": [1, "\\u0000"]}',
        "\u65e5\u672c\u8a9e",
        "\0",
    ]
    sent = [text.encode() for text in texts]
    run = await start(values.texts, sent)
    assert [chunk async for chunk in run.readable_bytes()] == sent
    await crew.result(run)
