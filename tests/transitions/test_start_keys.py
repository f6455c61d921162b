"""A start key stands for one run, for as long as its first start said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import WORKFLOW, Row, Session, new_run_id

HOUR = timedelta(hours=1)


def _start(db: Session, key: str | None = "order 4711", **options: object) -> Row:
    told: dict[str, Any] = {"workflow_name": WORKFLOW, "input": b"in", **options}
    (reply,) = db.call("create_keyed_run", start_key=key, **told)
    return reply


def _key(db: Session) -> Row:
    (row,) = db.rows("select * from workflow_pg_private.start_keys")
    return row


def test_the_first_start_creates_its_run(db: Session) -> None:
    run_id = new_run_id()
    reply = _start(db, run_id=run_id, deployment_id="blue")
    event = db.log(run_id)[0]
    assert reply == {
        "run_id": run_id,
        "seq": 1,
        "event_type": "run_created",
        "correlation_id": None,
        "created_at": event["created_at"],
        "run_status": "pending",
        "attempt": None,
        "conflicting_run_id": None,
    }
    assert event["payload"] == b"in"
    assert event["facts"] == {"workflowName": WORKFLOW, "deploymentId": "blue"}
    assert [message["kind"] for message in db.messages(run_id)] == ["wake"]


def test_a_repeat_is_told_the_run_and_writes_no_other(db: Session) -> None:
    first = _start(db)
    again = _start(db, deployment_id="another", spec_version=5)
    assert again == {
        **first,
        "seq": None,
        "created_at": None,
    }
    assert db.value("select count(*) from workflow_pg.runs") == 1
    assert len(db.messages(first["run_id"])) == 1
    assert _key(db)["repeats"] == 1


def test_the_other_policy_refuses(db: Session) -> None:
    run_id = _start(db)["run_id"]
    db.append(run_id, "run_started")
    with db.refused(
        "WF409",
        entity="start_key",
        id="order 4711",
        run_id=run_id,
        run_status="running",
        is_same_start=True,
    ):
        _start(db, policy="refuse")


@pytest.mark.parametrize(
    "other",
    [{"input": b"in "}, {"workflow_name": "workflow//orders//other"}],
    ids=["input", "workflow"],
)
def test_a_key_stands_for_one_workflow_and_input(
    db: Session, other: dict[str, Any]
) -> None:
    run_id = _start(db)["run_id"]
    with db.refused("WF409", run_id=run_id, is_same_start=False):
        _start(db, **other)


def test_the_codec_is_a_part_of_the_input(db: Session) -> None:
    _start(db, input=b"[1]", codec="json")
    with db.refused("WF409", is_same_start=False):
        _start(db, input=b"[1]", codec="cbor")


def test_a_former_digest_is_compared_and_never_kept(db: Session) -> None:
    old, new = b"o" * 32, b"n" * 32
    first = _start(db, scope="live", input_digest=old)
    kept = _key(db)["digest"]
    both: dict[str, Any] = {"input_digest": new, "former_digest": old}
    assert _start(db, scope="live", **both)["run_id"] == first["run_id"]
    assert _key(db)["digest"] == kept
    with db.refused("WF409", is_same_start=True):
        _start(db, policy="refuse", **both)
    with db.refused("WF409", is_same_start=False):
        _start(db, input_digest=new, former_digest=b"x" * 32)
    db.append(first["run_id"], "run_completed")
    second = _start(db, scope="live", **both)
    assert second["seq"] == 1
    assert _start(db, input_digest=new)["run_id"] == second["run_id"]
    with db.refused("WF409", is_same_start=False):
        _start(db, input_digest=old)


def test_a_digest_stands_for_an_input_whose_bytes_differ(db: Session) -> None:
    first = _start(db, input=b"sealed once", input_digest=b"d" * 32)
    again = _start(db, input=b"sealed twice", input_digest=b"d" * 32)
    assert again["run_id"] == first["run_id"]
    with db.refused("WF409", is_same_start=False):
        _start(db, input=b"sealed once", input_digest=b"e" * 32)


@pytest.mark.parametrize("end", ["run_completed", "run_failed", "run_cancelled"])
def test_a_key_of_scope_live_is_free_when_its_run_is_final(
    db: Session, end: str
) -> None:
    first = _start(db, scope="live")
    db.append(first["run_id"], end)
    second = _start(db, scope="live", input=b"another", policy="refuse")
    assert second["run_id"] != first["run_id"]
    assert second["seq"] == 1
    assert _start(db, scope="live", input=b"another")["run_id"] == second["run_id"]


def test_a_key_of_scope_kept_stands_for_a_run_that_is_over(db: Session) -> None:
    first = _start(db)
    db.append(first["run_id"], "run_completed")
    db.set_clock(timedelta(days=900))
    again = _start(db)
    assert (again["run_id"], again["run_status"]) == (first["run_id"], "completed")


def test_a_key_of_scope_kept_is_free_when_its_run_is_gone(db: Session) -> None:
    first = _start(db)
    db.append(first["run_id"], "run_cancelled")
    db.call("delete_run", run_id=first["run_id"])
    assert db.value("select count(*) from workflow_pg_private.start_keys") == 0
    assert _start(db, input=b"another")["seq"] == 1


def test_a_key_of_scope_timed_is_free_when_its_time_is_over(db: Session) -> None:
    first = _start(db, scope="timed", ttl=HOUR)
    db.append(first["run_id"], "run_completed")
    db.set_clock(HOUR - timedelta(seconds=10))
    assert _start(db, scope="timed", ttl=HOUR)["run_id"] == first["run_id"]
    db.set_clock(HOUR + timedelta(seconds=10))
    second = _start(db, scope="timed", ttl=HOUR)
    assert second["seq"] == 1
    assert _key(db)["run_id"] == second["run_id"]


def test_the_time_of_a_key_goes_on_from_its_first_start(db: Session) -> None:
    _start(db, scope="timed", ttl=HOUR)
    before = _key(db)["expires_at"]
    _start(db, scope="timed", ttl=2 * HOUR)
    assert _key(db)["expires_at"] == before


def test_the_first_start_says_how_long_a_key_stands(db: Session) -> None:
    first = _start(db)
    _start(db, scope="live")
    db.append(first["run_id"], "run_completed")
    assert _start(db, scope="live")["run_id"] == first["run_id"]


def test_keys_are_one_space_for_all_deployments(db: Session) -> None:
    first = _start(db, deployment_id="blue")
    assert _start(db, deployment_id="green")["run_id"] == first["run_id"]
    assert _start(db, "another key")["run_id"] != first["run_id"]


def test_a_repeat_of_the_same_call_gets_its_first_reply(db: Session) -> None:
    call: dict[str, Any] = {"run_id": new_run_id(), "dedup_key": "once"}
    first = _start(db, policy="refuse", **call)
    assert _start(db, policy="refuse", **call) == first


def test_such_a_repeat_does_so_when_the_key_is_anothers_by_now(db: Session) -> None:
    call: dict[str, Any] = {"run_id": new_run_id(), "dedup_key": "once"}
    first = _start(db, scope="live", **call)
    db.append(first["run_id"], "run_completed")
    other = _start(db, scope="live")
    assert _start(db, scope="live", **call) == {**first, "run_status": "completed"}
    assert _key(db)["run_id"] == other["run_id"]


def test_the_id_of_a_run_that_is_there_is_refused(db: Session) -> None:
    run_id = db.new_run()
    with db.refused("WF409", entity="run", id=run_id):
        _start(db, run_id=run_id)


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"key": None}, "start key"),
        ({"key": ""}, "start key"),
        ({"key": "x" * 1025}, "start key"),
        ({"key": "new\nline"}, "start key"),
        ({"policy": None}, "policy"),
        ({"scope": None}, "scope"),
        ({"scope": "timed"}, "ttl"),
        ({"scope": "timed", "ttl": timedelta(0)}, "ttl"),
        ({"scope": "timed", "ttl": -HOUR}, "ttl"),
        ({"scope": "timed", "ttl": timedelta(days=1001)}, "ttl"),
        ({"scope": "live", "ttl": HOUR}, "ttl"),
        ({"ttl": HOUR}, "ttl"),
        ({"workflow_name": None}, "input"),
        ({"input": None}, "input"),
        ({"codec": None}, "input"),
        ({"input_digest": b"short"}, "input"),
        ({"former_digest": b"short"}, "input"),
        ({"workflow_name": ""}, "workflow name"),
        ({"run_id": "run_1"}, "run id"),
        ({"input": b"{", "codec": "json"}, "payload"),
        ({"input": b"1", "codec": "json"}, "input"),
    ],
)
def test_a_malformed_start_is_refused(
    db: Session, options: dict[str, Any], argument: str
) -> None:
    with db.refused("WF400", argument=argument):
        _start(db, **options)


def test_an_input_that_is_too_large_leaves_the_key_free(db: Session) -> None:
    with db.refused("WF413"):
        _start(db, input=b"x" * (16 * 1024 * 1024 + 1))
    assert _start(db)["seq"] == 1


def test_housekeeping_forgets_keys_that_are_free(db: Session) -> None:
    kept = _start(db, "kept")["run_id"]
    live = _start(db, "live", scope="live")["run_id"]
    over = _start(db, "over", scope="live")["run_id"]
    _start(db, "timed", scope="timed", ttl=HOUR)
    late = _start(db, "late", scope="timed", ttl=3 * HOUR)["run_id"]
    for run_id in (kept, over, late):
        db.append(run_id, "run_completed")
    gone = _start(db, "gone", scope="live")["run_id"]
    for table in ("runs", "events"):
        query = f"delete from workflow_pg.{table} where run_id = %s"
        db.conn.execute(query.encode(), (gone,))
    db.quiet(gone)
    assert db.call("maintain")[0]["forgotten"] == 1
    db.set_clock(2 * HOUR)
    assert db.call("maintain")[0]["forgotten"] == 2
    left = db.rows("select start_key from workflow_pg_private.start_keys order by 1")
    assert [row["start_key"] for row in left] == ["kept", "late", "live"]
    assert _start(db, "live", scope="live")["run_id"] == live


def test_housekeeping_walks_through_keys_of_runs_that_are_over(db: Session) -> None:
    for number in range(5):
        run_id = _start(db, f"key {number}", scope="live")["run_id"]
        db.append(run_id, "run_completed")
    pages = 0
    after: str | None = ""
    while after is not None:
        (done,) = db.call("maintain", after=after, limit=2)
        after = done["next_after"]
        pages += 1
    assert pages > 2
    assert db.value("select count(*) from workflow_pg_private.start_keys") == 0


def test_housekeeping_does_not_walk_over_keys_that_are_kept(db: Session) -> None:
    for number in range(5):
        db.append(_start(db, f"key {number}")["run_id"], "run_completed")
    (done,) = db.call("maintain", limit=2)
    assert (done["next_after"], done["forgotten"]) == (None, 0)
    assert db.value("select count(*) from workflow_pg_private.start_keys") == 5
