"""A live run is replayed now, and its sleeps are over if that is wanted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support import LATER, Session, new_run_id


def _asleep(db: Session) -> str:
    """The id of a run that nothing but two sleeps will wake, the later one first."""
    run_id = db.new_run()
    for wait_id, at in (("wait_1", LATER), ("wait_2", "2998-01-01T00:00:00Z")):
        told = {"facts": {"resumeAt": at}, "wake": False}
        db.append(run_id, "wait_created", wait_id, **told)
    db.quiet(run_id)
    return run_id


def test_a_sleeping_run_gets_a_wake_and_sleeps_on(db: Session) -> None:
    run_id = _asleep(db)
    (done,) = db.call("wake_run", run_id=run_id)
    (delivery,) = db.claim()
    assert done == {"message_id": delivery["message_id"], "waits_completed": 0}
    assert (delivery["kind"], delivery["run_id"]) == ("wake", run_id)
    assert db.types(run_id)[-1] == "wait_created"


def test_with_its_waits_the_next_one_is_completed_first(db: Session) -> None:
    run_id = _asleep(db)
    (done,) = db.call("wake_run", run_id=run_id, with_waits=True)
    assert done["waits_completed"] == 2
    ended = [e["correlation_id"] for e in db.log(run_id)[-2:]]
    assert ended == ["wait_2", "wait_1"]
    assert db.types(run_id)[-2:] == ["wait_completed"] * 2
    assert [m["message_id"] for m in db.claim()] == [done["message_id"]]
    (again,) = db.call("wake_run", run_id=run_id, with_waits=True)
    assert again["waits_completed"] == 0


def test_the_events_carry_the_spec_version_of_the_run(db: Session) -> None:
    run_id = db.new_run(spec_version=5)
    db.append(run_id, "wait_created", "wait_1", facts={"resumeAt": LATER})
    db.call("wake_run", run_id=run_id, with_waits=True)
    assert db.log(run_id)[-1]["spec_version"] == 5


def test_a_pending_wake_becomes_due(db: Session) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    sent = db.call("send_message", run_id=run_id, kind="wake", delay=timedelta(hours=1))
    assert db.claim() == []
    (done,) = db.call("wake_run", run_id=run_id)
    assert done["message_id"] == sent[0]["send_message"]
    assert len(db.claim()) == 1


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_a_run_that_is_over_is_not_woken(db: Session, status: str) -> None:
    run_id = db.new_run(status)
    with db.refused("WF410", run_id=run_id, run_status=status):
        db.call("wake_run", run_id=run_id, with_waits=True)


@pytest.mark.parametrize("run_id", [None, new_run_id()], ids=["null", "absent"])
def test_a_run_that_is_not_there_is_not_woken(db: Session, run_id: str | None) -> None:
    with db.refused("WF404", entity="run", id=run_id):
        db.call("wake_run", run_id=run_id)
