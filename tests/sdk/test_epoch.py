"""What a live worker does when its database is restored or fails over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from vercel.workflow import start

from tests.sdk.apps import shop
from tests.sdk.hands import worker_on
from tests.sdk.histories import History, failed_over, restored
from tests.sdk.waiting import until
from tests.servers import NoServerError, choose_binaries, wanted_major
from tests.support import assert_no_unwakeable, connect
from workflow_pg.embedded import Binaries

Cut = Callable[[Binaries], AbstractContextManager[History]]

SENTENCE = "the database was restored or failed over: "


@pytest.fixture(params=[restored, failed_over], ids=["restored", "failed over"])
def history(request: pytest.FixtureRequest) -> Iterator[History]:
    """A database of this test's own that can lose its newest history."""
    cut: Cut = request.param
    try:
        binaries = choose_binaries(wanted_major())
    except NoServerError as error:
        pytest.skip(str(error))
    with cut(binaries) as history:
        yield history


def bodies(name: str) -> int:
    """How often the body of a step began."""
    return sum(times for key, times in shop.ran.items() if key.endswith(f":{name}"))


def step_id(history: History) -> str:
    """The id of the step that is created after the mark."""
    with connect(history.dsn) as session:
        return session.value(
            "select step_id from workflow_pg.steps where right(step_name, 3) = 'add'"
        )


@pytest.mark.one_major
async def test_nothing_of_a_lost_history_arrives(
    history: History, caplog: pytest.LogCaptureFixture
) -> None:
    gates = {name: asyncio.Event() for name in ("late", "stuck", "fork")}
    shop.gates.update(gates)
    async with worker_on(history.dsn):
        run = await start(shop.three_gates, "late", "stuck", "fork")
        await until(lambda: all(bodies(f"pass_gate:{name}") for name in gates))
        await asyncio.to_thread(history.mark)
        gates["fork"].set()
        await until(lambda: bodies("add"))
        lost = step_id(history)
        await asyncio.to_thread(history.end)
        # This result is on its way while there is no server.
        gates["late"].set()
        with caplog.at_level(logging.WARNING, "workflow_pg"):
            await asyncio.to_thread(history.go_on)
            await until(lambda: any(m.startswith(SENTENCE) for m in caplog.messages))
        await until(lambda: bodies("pass_gate:stuck") == 2, seconds=40)
        gates["stuck"].set()
        assert await run.return_value() == [
            "late passed in attempt 2",
            "stuck passed in attempt 2",
            "fork passed in attempt 2, 42",
        ]
        # Those of the lost history ended when it did, and what it did is done again.
        assert {name: bodies(f"pass_gate:{name}") for name in gates} == dict.fromkeys(
            gates, 2
        )
        assert bodies("add") == 2
    with connect(history.dsn) as session:
        types = session.types(run.run_id)
        assert types.count("step_completed") == 4
        assert types[-1] == "run_completed"
        # The key for outside systems: the step has its id again.
        assert step_id(history) == lost
        assert_no_unwakeable(session)
