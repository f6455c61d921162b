"""`world.waits`: what each method returns, on the real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.support import Session
from workflow_pg import EventType, MalformedCall, World


async def test_create_and_complete_a_sleep(world: World, db: Session) -> None:
    run_id = db.new_run()
    resume_at = datetime(2999, 1, 1, 12, tzinfo=timezone(timedelta(hours=9)))
    created = await world.waits.create(run_id, "w", resume_at)
    assert (created.event_type, created.correlation_id) == (EventType.WAIT_CREATED, "w")
    stored = db.value("select resume_at from workflow_pg.waits where wait_id = 'w'")
    assert stored == resume_at
    completed = await world.waits.complete(run_id, "w")
    assert completed.event_type is EventType.WAIT_COMPLETED
    assert completed.seq == (created.seq or 0) + 1


async def test_a_time_without_a_zone_is_refused_before_it_is_sent(
    world: World, db: Session
) -> None:
    run_id = db.new_run()
    naive = datetime.now(UTC).replace(tzinfo=None)
    with db.nothing_written(), pytest.raises(MalformedCall, match="no time zone") as e:
        await world.waits.create(run_id, "w", naive)
    assert e.value.detail == {"argument": "resume_at"}
