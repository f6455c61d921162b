"""An app that chooses its World at import, as its sandbox imports it again."""

from __future__ import annotations

import os

from vercel.workflow import Workflows

from workflow_pg.sdk import use_postgres

use_postgres(os.environ["WORKFLOW_PG_DSN"])

wf = Workflows()


@wf.step
async def double(value: int) -> int:
    """Double."""
    return value * 2


@wf.workflow
async def quadruple(value: int) -> int:
    """Double twice."""
    return await double(await double(value))
