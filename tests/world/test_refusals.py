"""Each class of refusal: raised for its SQLSTATE, with its detail, nothing written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests.support import WORKFLOW, Session, new_run_id
from workflow_pg import World, errors


async def test_malformed_call(world: World, db: Session) -> None:
    with db.nothing_written(), pytest.raises(errors.MalformedCall) as caught:
        await world.runs.create(WORKFLOW, b"in", run_id="wrun_1")
    assert caught.value.sqlstate == "WF400"
    assert caught.value.detail == {"argument": "run id"}
    assert caught.value.hint == "Pass null to have one drawn."
    assert str(caught.value).startswith("run id 'wrun_1' is malformed")


@pytest.mark.parametrize("text", ["a\0b", "\0", "\ud800", "a\udc00b"])
async def test_a_text_that_cannot_be_stored_is_malformed(
    world: World, db: Session, text: str
) -> None:
    run_id = db.new_run()
    told = "has a character that PostgreSQL cannot store"
    with db.nothing_written():
        with pytest.raises(errors.MalformedCall, match=f"reason {told}") as caught:
            await world.runs.cancel(run_id, reason=text)
        assert caught.value.detail == {"argument": "reason"}
        for context in ({"a": [{"b": text}]}, {text: 1}):
            with pytest.raises(errors.MalformedCall, match=f"execution_context {told}"):
                await world.runs.create(WORKFLOW, b"in", execution_context=context)


async def test_malformed_limit(world: World) -> None:
    with pytest.raises(errors.MalformedCall, match="limit 0 is out of range"):
        await world.runs.list(limit=0)


async def test_not_found(world: World, db: Session) -> None:
    run_id = new_run_id()
    with db.nothing_written(), pytest.raises(errors.NotFound) as caught:
        await world.runs.complete(run_id, b"out")
    assert caught.value.sqlstate == "WF404"
    assert (caught.value.detail["entity"], caught.value.detail["id"]) == ("run", run_id)


async def test_conflict(world: World, db: Session) -> None:
    run_id = db.new_run("completed")
    with db.nothing_written(), pytest.raises(errors.Conflict) as caught:
        await world.runs.fail(run_id, b"boom")
    assert caught.value.sqlstate == "WF409"
    assert caught.value.detail["status"] == "completed"


async def test_run_final(world: World, db: Session) -> None:
    run_id = db.new_run("cancelled")
    with db.nothing_written(), pytest.raises(errors.RunFinal) as caught:
        await world.runs.start(run_id)
    assert caught.value.sqlstate == "WF410"
    assert caught.value.detail["run_status"] == "cancelled"


async def test_too_large(world: World, db: Session) -> None:
    run_id = db.new_run()
    with db.nothing_written(), pytest.raises(errors.TooLarge) as caught:
        await world.runs.complete(run_id, bytes((16 << 20) + 1))
    assert caught.value.sqlstate == "WF413"
    assert caught.value.detail == {"bytes": 16777217, "limit": 16777216}


async def test_limit_exceeded(world: World, db: Session) -> None:
    run_id = db.new_run()
    with db.nothing_written(), pytest.raises(errors.LimitExceeded) as caught:
        await world.runs.cancel(run_id, reason="\U0001f600" * 257)
    assert caught.value.sqlstate == "WF422"
    assert caught.value.detail["units"] == 514


async def test_too_early(world: World, db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "s", "running")
    later = datetime.now(UTC) + timedelta(minutes=1)
    await world.steps.retry(run_id, "s", b"boom", retry_after=later)
    with db.nothing_written(), pytest.raises(errors.TooEarly) as caught:
        await world.steps.start(run_id, "s")
    assert caught.value.sqlstate == "WF425"
    assert 55 < caught.value.retry_after <= 60


async def test_spec_version_unsupported(world: World, db: Session) -> None:
    run_id = db.new_run()
    with db.nothing_written(), pytest.raises(errors.SpecVersionUnsupported) as caught:
        await world.runs.complete(run_id, b"out", spec_version=8)
    assert caught.value.sqlstate == "WF426"
    assert caught.value.detail == {"spec_version": 8}


def test_a_refusal_of_a_newer_schema_is_still_a_refusal(db: Session) -> None:
    raised = (
        "do $$ begin raise exception using errcode = 'WF499', message = 'no',"
        " detail = 'plain words'; end $$"
    )
    with pytest.raises(errors.Refusal, match="no") as caught, errors.translated():
        db.do(raised)
    assert type(caught.value) is errors.Refusal
    assert (caught.value.sqlstate, caught.value.detail) == ("WF499", {})
    assert isinstance(caught.value.__cause__, psycopg.Error)


async def test_other_errors_pass_as_they_are(world: World, db: Session) -> None:
    run_id = db.new_run()
    with db.nothing_written(), pytest.raises(psycopg.errors.NumericValueOutOfRange):
        await world.runs.complete(run_id, b"out", spec_version=1 << 40)
