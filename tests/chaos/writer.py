"""A process that writes a stream: ``python -m tests.chaos.writer DSN NAME COUNT``."""

from __future__ import annotations

import asyncio
import random
import sys

from workflow_pg.sdk.world import PostgresWorld

RUN = "wrun_hc_of_no_run"
STREAM = "strm_x_user"


async def write(dsn: str, name: str, count: int) -> None:
    """Write numbered chunks, some at a time."""
    world = PostgresWorld(dsn)
    written = 0
    while written < count:
        size = min(random.choice((1, 1, 2, 7)), count - written)
        chunks = [f"{name}:{written + n}".encode() for n in range(size)]
        if size == 1:
            await world.streams_write(RUN, STREAM, chunks[0])
        else:
            await world.streams_write_multi(RUN, STREAM, chunks)
        written += size
        await asyncio.sleep(random.uniform(0, 0.01))
    await world.worlds.close()


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], sys.argv[2], int(sys.argv[3])))
