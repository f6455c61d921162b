"""Sessions that start under one key at once, or while its run is just ending."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from tests.concurrency.sessions import PATIENCE, Rival
from tests.support import WORKFLOW, Row, Session, new_run_id

Open = Callable[[], Rival]


def _start(session: Session, **options: object) -> Row:
    told = {"workflow_name": WORKFLOW, "input": b"in", "scope": "live", **options}
    (reply,) = session.call("create_keyed_run", start_key="one key", **told)
    return reply


def test_of_ten_starts_one_creates_the_run(db: Session, rival: Open) -> None:
    first, *others = [rival() for _ in range(10)]
    with first.open():
        mine = _start(first.session)
        calls = [other.blocked(_start) for other in others]
    replies = [call.result(PATIENCE) for call in calls]
    assert mine["seq"] == 1
    assert {(reply["run_id"], reply["seq"]) for reply in replies} == {
        (mine["run_id"], None)
    }
    assert db.value("select count(*) from workflow_pg.runs") == 1


def test_a_start_whose_rival_never_was_creates_the_run(
    db: Session, rival: Open
) -> None:
    first, second = rival(), rival()
    first.session.do("begin")
    lost = _start(first.session)
    call = second.blocked(_start)
    first.session.do("rollback")
    reply = call.result(PATIENCE)
    assert reply["seq"] == 1
    assert reply["run_id"] != lost["run_id"]
    assert db.value("select count(*) from workflow_pg.runs") == 1


def test_a_start_is_refused_when_its_rival_is_there(db: Session, rival: Open) -> None:
    first, second = rival(), rival()
    with first.open():
        _start(first.session)
        call = second.blocked(lambda s: _start(s, policy="refuse"))
    error = call.exception(PATIENCE)
    assert isinstance(error, psycopg.Error)
    assert error.sqlstate == "WF409"
    assert db.value("select count(*) from workflow_pg.runs") == 1


def test_a_run_that_is_just_ending_keeps_its_key_until_it_has_ended(
    db: Session, rival: Open
) -> None:
    run_id = _start(db)["run_id"]
    ending = rival()
    with ending.open():
        ending.session.append(run_id, "run_completed")
        during = _start(db)
    after = _start(db)
    assert (during["run_id"], during["run_status"]) == (run_id, "pending")
    assert after["seq"] == 1
    assert after["run_id"] != run_id


def test_of_ten_starts_after_the_end_one_creates_the_next_run(
    db: Session, rival: Open
) -> None:
    run_id = _start(db)["run_id"]
    db.append(run_id, "run_completed")
    first, *others = [rival() for _ in range(10)]
    with first.open():
        mine = _start(first.session)
        calls = [other.blocked(_start) for other in others]
    assert mine["seq"] == 1
    replies = [call.result(PATIENCE) for call in calls]
    assert {reply["run_id"] for reply in replies} == {mine["run_id"]}


def test_housekeeping_does_not_wait_for_a_key_that_is_just_taken_over(
    db: Session, rival: Open
) -> None:
    db.append(_start(db)["run_id"], "run_completed")
    first = rival()
    with first.open():
        mine = _start(first.session)
        assert mine["seq"] == 1
        # At once: a lock would make this wait until the other is done.
        assert db.call("maintain")[0]["forgotten"] == 0
    assert db.call("maintain")[0]["forgotten"] == 0
    assert _start(db)["run_id"] == mine["run_id"]


def test_a_start_waits_for_housekeeping_that_takes_its_key(
    db: Session, rival: Open
) -> None:
    db.append(_start(db)["run_id"], "run_completed")
    first, second = rival(), rival()
    with first.open():
        assert first.session.call("maintain")[0]["forgotten"] == 1
        call = second.blocked(_start)
    started = call.result(PATIENCE)
    assert started["seq"] == 1
    assert _start(db)["run_id"] == started["run_id"]


def test_a_repeat_beside_its_first_try_gets_the_same_reply(
    db: Session, rival: Open
) -> None:
    call = {"run_id": new_run_id(), "dedup_key": "once", "policy": "refuse"}
    first, second = rival(), rival()
    with first.open():
        mine = _start(first.session, **call)
        repeat = second.blocked(lambda s: _start(s, **call))
    assert repeat.result(PATIENCE) == mine
    assert db.value("select count(*) from workflow_pg.runs") == 1
