"""docs/promises.md: models with times, and the files it refers to."""

from __future__ import annotations

import re

import pytest

from tests.docs.apps import App
from tests.docs.blocks import ROOT, fenced

PAGE = ROOT / "docs/promises.md"

MODELS = """
from datetime import datetime
from pydantic import BaseModel

class Visit(BaseModel):
    at: datetime
"""
BODY = """
from datetime import datetime, timezone

@wf.step
async def visit() -> Visit:
    return Visit(at=datetime(2026, 1, 1, tzinfo=timezone.utc))

@wf.workflow
async def tour() -> str:
    return (await visit()).at.isoformat()
"""
PLAIN = "from vercel.workflow import Workflows\nwf = Workflows()\n"
CLIENT = """
import asyncio
from vercel.workflow import start, WorkflowRunFailedError
from workflow_pg.sdk import use_postgres
from guide import tour

use_postgres()

async def main():
    run = await start(tour)
    try:
        print(await run.return_value())
    except WorkflowRunFailedError as error:
        print("failed", error.error_code)

asyncio.run(main())
"""


def outcome(app: App, guide: str) -> str:
    """What becomes of a run of the workflow in this module."""
    app.write({"guide.py": guide, "models.py": MODELS, "client.py": CLIENT})
    with app.worker("guide:wf"):
        return app.run("client.py")


@pytest.mark.parametrize(
    "models", [MODELS, "from models import Visit\n"], ids=["defined", "imported"]
)
def test_a_model_with_a_time_cannot_be_made_in_the_sandbox(
    app: App, models: str
) -> None:
    assert outcome(app, PLAIN + models + BODY) == "failed USER_ERROR"


def test_a_model_from_outside_the_sandbox_can_have_times(app: App) -> None:
    (policy,) = fenced(PAGE, "python")
    guide = policy + "from models import Visit\n" + BODY
    assert outcome(app, guide) == "2026-01-01T00:00:00+00:00"


def test_every_promise_names_a_test_that_exists() -> None:
    text = PAGE.read_text(encoding="utf-8")
    promised = text.partition("## Promised")[2].partition("## Not promised")[0]
    promises = re.split(r"\n\n(?=\*\*)", promised.strip())
    assert len(promises) > 1
    for promise in promises:
        shown = promise.partition("Shown by:")[2]
        assert re.findall(r"`(tests/\S+)`", shown), promise


def test_every_promise_has_the_limits_of_the_functions() -> None:
    text = PAGE.read_text(encoding="utf-8")
    sql = "".join(p.read_text() for p in (ROOT / "sql").rglob("*.sql"))
    for shown, written in (
        ("16 MiB", "c_payload_limit constant integer := 16777216"),
        ("64 KiB", "16777216 + 65536"),
        ("1000 days", "interval '1000 days'"),
        ("512 UTF-16 units", "v_units > 512"),
        ("1 to 256 UTF-16 units", "utf16_units(c.key) not between 1 and 256"),
        ("units, 256 bytes", "octet_length(c.value) > 256"),
        ("64, 8192 bytes", "v_bytes > 8192"),
        ("64, 8192 bytes", "v_count > 64"),
        ("1024 bytes", "'token', p_token, 1024"),
        ("255 bytes", "'hook id', p_hook_id, 255"),
        ("24 hours back, 5 minutes ahead", "interval '24 hours'"),
        ("1 hour", "interval '1 hour'"),
    ):
        assert shown in text
        assert written in sql
