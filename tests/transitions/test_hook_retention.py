"""A hook may keep its token for a time after the end of its run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support import Session

TOKEN = "order 4711"


def held(db: Session, until: datetime | None, hook_id: str = "hook_1") -> str:
    """A run with a hook that keeps its token until then."""
    run_id = db.new_run()
    facts = {"token": TOKEN}
    if until is not None:
        facts["tokenRetentionUntil"] = until.isoformat()
    db.append(run_id, "hook_created", hook_id, facts=facts, payload=b"metadata")
    return run_id


def claim(db: Session) -> str:
    """What another run gets that wants the token: the type of the event."""
    return db.append(db.new_run(), "hook_created", "hook_9", facts={"token": TOKEN})[
        "event_type"
    ]


def by_token(db: Session) -> dict[str, Any]:
    """The hook that holds the token."""
    (hook,) = db.call("get_hook_by_token", token=TOKEN)
    return hook


def assert_gone(db: Session, run_id: str) -> None:
    """No read shows the hook."""
    with db.refused("WF404", token=TOKEN):
        by_token(db)
    with db.refused("WF404", entity="hook"):
        db.call("get_hook", run_id=run_id, hook_id="hook_1")
    assert db.call("list_hooks", run_id=run_id) == db.call("list_all_hooks") == []


@pytest.mark.parametrize("end", ["run_completed", "run_failed", "run_cancelled"])
def test_a_retained_hook_outlives_its_run_and_is_not_resumed(
    db: Session, end: str
) -> None:
    until = db.now() + timedelta(hours=1)
    run_id = held(db, until)
    db.append(run_id, end)
    hook = by_token(db)
    assert (hook["run_id"], hook["metadata"]) == (run_id, b"metadata")
    assert hook["token_retention_until"] == until
    assert len(db.call("list_hooks", run_id=run_id)) == 1
    assert len(db.call("list_all_hooks")) == 1
    with db.refused("WF410", run_id=run_id):
        db.append(run_id, "hook_received", "hook_1", payload=b"x")
    assert claim(db) == "hook_conflict"
    assert db.call("verify_run", run_id=run_id) == []


def test_its_token_is_free_when_the_time_is_over(db: Session) -> None:
    run_id = held(db, db.now() + timedelta(hours=1))
    db.append(run_id, "run_completed")
    db.set_clock(timedelta(minutes=61))
    assert_gone(db, run_id)
    assert db.call("verify_run", run_id=run_id) == []
    assert claim(db) == "hook_created"
    (row,) = db.rows("select * from workflow_pg.hooks where run_id = %s", run_id)
    assert row["status"] == "disposed"
    assert db.call("verify_run", run_id=run_id) == []


def test_housekeeping_frees_it_too(db: Session) -> None:
    until = db.now() + timedelta(hours=1)
    run_id = held(db, until)
    db.append(run_id, "run_completed")
    assert db.call("maintain")[0]["forgotten"] == 0
    db.set_clock(timedelta(minutes=59))
    assert db.call("maintain")[0]["forgotten"] == 0
    db.set_clock(timedelta(minutes=61))
    assert db.call("maintain")[0]["forgotten"] == 1
    (row,) = db.rows("select * from workflow_pg.hooks where run_id = %s", run_id)
    assert (row["status"], row["disposed_at"]) == ("disposed", until)
    assert_gone(db, run_id)
    assert db.call("verify_run", run_id=run_id) == []


def test_a_live_run_keeps_its_token_beyond_the_time(db: Session) -> None:
    run_id = held(db, db.now() + timedelta(hours=1))
    db.set_clock(timedelta(hours=2))
    assert db.call("maintain")[0]["forgotten"] == 0
    assert by_token(db)["run_id"] == run_id
    assert claim(db) == "hook_conflict"
    db.append(run_id, "hook_received", "hook_1", payload=b"x")
    db.append(run_id, "run_completed")
    assert_gone(db, run_id)
    assert claim(db) == "hook_created"
    assert db.call("verify_run", run_id=run_id) == []


@pytest.mark.parametrize("end", [None, "run_completed"])
def test_disposal_frees_it_at_once(db: Session, end: str | None) -> None:
    run_id = held(db, db.now() + timedelta(hours=1))
    if end is not None:
        db.append(run_id, end)
    db.append(run_id, "hook_disposed", "hook_1")
    assert_gone(db, run_id)
    assert claim(db) == "hook_created"
    assert db.call("verify_run", run_id=run_id) == []


def test_a_hook_without_a_time_ends_with_its_run(db: Session) -> None:
    run_id = held(db, None)
    assert by_token(db)["token_retention_until"] is None
    db.append(run_id, "run_completed")
    assert_gone(db, run_id)


def test_the_metadata_of_a_purged_run_is_gone_and_its_token_is_kept(
    db: Session,
) -> None:
    run_id = held(db, db.now() + timedelta(hours=1))
    db.append(run_id, "run_completed")
    db.call("purge_run", run_id=run_id)
    with db.refused("WF410", entity="run", id=run_id):
        by_token(db)
    with db.refused("WF410", entity="run", id=run_id):
        db.call("get_hook", run_id=run_id, hook_id="hook_1")
    assert len(db.call("list_hooks", run_id=run_id)) == 1
    assert claim(db) == "hook_conflict"
    db.append(run_id, "hook_disposed", "hook_1")
    assert claim(db) == "hook_created"


def test_a_deleted_run_keeps_no_token(db: Session) -> None:
    run_id = held(db, db.now() + timedelta(hours=1))
    db.append(run_id, "run_completed")
    db.call("delete_run", run_id=run_id)
    assert claim(db) == "hook_created"


@pytest.mark.parametrize("until", ["tomorrow", "2999-01-01T00:00:00", "infinity"])
def test_a_malformed_time_is_refused(db: Session, until: str) -> None:
    run_id = db.new_run()
    facts = {"token": TOKEN, "tokenRetentionUntil": until}
    with db.refused("WF400", argument="tokenRetentionUntil"):
        db.append(run_id, "hook_created", "hook_1", facts=facts)
