"""A purge against a step of its run that finishes late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.concurrency.fold import assert_sound
from tests.concurrency.sessions import Rival
from tests.support import WORKFLOW, Session, new_run_id

Open = Callable[[], Rival]


def _over(db: Session) -> str:
    """A run that is completed and is to be purged, with a step that still runs."""
    facts: dict[str, Any] = {"workflowName": WORKFLOW, "deploymentId": "default"}
    facts |= {"attributes": {"$retention": "0"}, "allowReservedAttributes": True}
    run_id = db.new_run(run_id=new_run_id(), facts=facts)
    db.new_step(run_id, status="running")
    db.append(run_id, "run_completed", payload=b"out")
    return run_id


def _payloads(db: Session, run_id: str) -> list[bytes]:
    return [e["payload"] for e in db.log(run_id) if e["payload"] is not None]


def test_a_walk_waits_for_nobody(db: Session, rival: Open) -> None:
    run_id, writer = _over(db), rival()
    with writer.open():
        writer.session.append(run_id, "step_completed", "step_1", payload=b"late")
        assert db.call("purge_due_runs")[0]["purged"] == 0
    assert db.call("purge_due_runs")[0]["purged"] == 1
    assert _payloads(db, run_id) == []
    assert_sound(db, run_id)


def test_a_purge_by_hand_waits_for_the_step_and_takes_its_payload(
    db: Session, rival: Open
) -> None:
    run_id, writer, purger = _over(db), rival(), rival()
    with writer.open():
        writer.session.append(run_id, "step_completed", "step_1", payload=b"late")
        call = purger.blocked(lambda s: s.call("purge_run", run_id=run_id))
    assert call.result()[0]["events"] == 4
    assert _payloads(db, run_id) == []


def test_a_step_that_waits_for_the_purge_leaves_no_payload(
    db: Session, rival: Open
) -> None:
    run_id, purger, writer = _over(db), rival(), rival()
    with purger.open():
        purger.session.call("purge_run", run_id=run_id)
        call = writer.blocked(
            lambda s: s.append(run_id, "step_completed", "step_1", payload=b"late")
        )
    assert call.result()["event_type"] == "step_completed"
    assert _payloads(db, run_id) == []
    assert_sound(db, run_id)


def test_a_stream_that_begins_while_its_run_is_purged_keeps_no_chunk(
    db: Session, rival: Open
) -> None:
    run_id, purger, writer = _over(db), rival(), rival()
    with purger.open():
        purger.session.call("purge_run", run_id=run_id)
        call = writer.blocked(
            lambda s: s.call("write_stream", run_id=run_id, name="s", chunks=[b"late"])
        )
    assert call.result()[0]["is_closed"]
    with writer.open():
        run_id = _over(db)
        writer.session.call("write_stream", run_id=run_id, name="s", chunks=[b"late"])
        call = purger.blocked(lambda s: s.call("purge_run", run_id=run_id))
    assert call.result()[0]["streams"] == 1
    assert db.rows("select * from workflow_pg.stream_chunks") == []
