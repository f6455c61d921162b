"""The README on attributes of runs."""

from __future__ import annotations

import pytest
from vercel.workflow import start

from tests.crew import Crew
from tests.sdk.readme.apps import attributes, business

pytestmark = pytest.mark.asyncio(loop_scope="module")

REGISTRIES = [attributes.wf]


async def test_attributes_are_set_removed_and_read_back(crew: Crew) -> None:
    assert crew.session.dsn
    await attributes.main()
    assert business.charged == ["cus_123"]


async def test_attributes_are_there_while_the_run_works(crew: Crew) -> None:
    run = await start(attributes.renew_subscription, "cus_123")
    await crew.reaches(run, "step_created")
    assert (await run.attributes()).keys() <= {"customer", "phase", "charged.by"}
    await crew.result(run)
    assert await run.attributes() == {"phase": "done"}
    assert crew.types(run).count("attr_set") == 5


@pytest.mark.parametrize(
    ("key", "value", "is_set"),
    [
        ("k" * 256, "v" * 256, True),
        ("k" * 257, "v", False),
        ("k", "\u00e4" * 129, False),
        ("$reserved", "v", False),
    ],
    ids=["longest", "long key", "long value", "reserved"],
)
async def test_keys_and_values_are_capped_and_told_so(
    crew: Crew, key: str, value: str, *, is_set: bool
) -> None:
    told = await crew.result(await start(attributes.greedy, key, value))
    assert told == "set" if is_set else told.startswith("FatalError: ")
