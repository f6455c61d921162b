"""A World that is not closed does not keep its event loop from ending."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support import Session

ROOT = Path(__file__).parents[2]

# The calls make the pool grow; the loop ends while some connection is being made.
_LOOPS = """
import asyncio, sys
from workflow_pg import World

async def main():
    world = World(sys.argv[1])
    await asyncio.gather(*(world.runs.list() for _ in range(20)))

for _ in range(40):
    asyncio.run(main())
"""


def test_a_loop_ends_while_connections_are_being_made(db: Session) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOOPS, db.dsn],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
