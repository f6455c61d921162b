"""What a run returns, as soon as it has ended."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from workflow_pg.errors import NotFound, is_transient
from workflow_pg.sdk._compat import Run
from workflow_pg.sdk.world import PostgresWorld

T = TypeVar("T")


async def wait_for(world: PostgresWorld, run: Run[T], seconds: float | None) -> T:
    """See ``workflow_pg.sdk.result``.

    ``Run.return_value`` reads the run each second: nothing that a World is asked tells
    it from a call of ``status``. So the end is waited for here, and then it reads once.
    """
    loop = asyncio.get_running_loop()
    deadline = None if seconds is None else loop.time() + seconds
    # Reading raises as the SDK does when there is no such run, gives the slot of a step
    # back, and is repeated while the database fails.
    while (await world.runs_get(run.run_id)).completed_at is None:
        left = None if deadline is None else deadline - loop.time()
        if left is not None and left <= 0:
            raise TimeoutError(f"run {run.run_id} has not ended in {seconds} s")
        own = await world.worlds.get()
        try:
            await own.runs.wait_for_final_status(
                run.run_id, timeout=left, with_input=False, with_outcome=False
            )
        except NotFound:
            continue
        except Exception as error:
            if not is_transient(error):
                raise
    return await run.return_value()
