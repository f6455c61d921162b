"""Health checks in the queue: about runs that never were, and gone after an hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import STEP, WORKFLOW, Session

PROBE = "wrun_hc_1"
ANSWER = "__health_check__1"
SEND: dict[str, Any] = {
    "kind": "custom",
    "queue_name": f"__wkf_workflow_{WORKFLOW}",
    "body": b"x",
}


def _send(db: Session, run_id: str = PROBE) -> None:
    db.call("send_message", run_id=run_id, **SEND)


def _answer(db: Session, run_id: str = PROBE, name: str = ANSWER) -> None:
    told = {"run_id": run_id, "name": name}
    db.call("write_stream", **told, chunks=[b"yes"], writer="w", seq=0)
    db.call("close_stream", **told)


def _forgotten(db: Session, **options: object) -> int:
    return db.call("maintain", **options)[0]["forgotten"]


def test_a_check_is_claimed_and_acknowledged(db: Session) -> None:
    _send(db)
    (delivery,) = db.claim()
    assert (delivery["kind"], delivery["run_id"]) == ("custom", PROBE)
    assert db.call("unwakeable_runs") == []
    taken = ("run_id", "message_id", "lease_token")
    db.call("ack_message", **{name: delivery[name] for name in taken})
    assert db.messages(PROBE) == []


def test_a_check_that_is_given_up_fails_no_run(db: Session) -> None:
    _send(db)
    (delivery,) = db.claim()
    taken = ("run_id", "message_id", "lease_token")
    db.call("bury_message", **{name: delivery[name] for name in taken}, error="why")
    assert db.rows("select from workflow_pg.events") == []
    db.set_clock(timedelta(minutes=61))
    assert _forgotten(db) == 1
    assert db.messages(PROBE) == []


def test_a_check_that_nobody_claims_goes_after_an_hour(db: Session) -> None:
    _send(db)
    db.set_clock(timedelta(minutes=59))
    assert _forgotten(db) == 0
    db.set_clock(timedelta(minutes=61))
    assert _forgotten(db) == 1
    assert db.messages(PROBE) == []


def test_a_check_that_is_being_handled_stays(db: Session) -> None:
    _send(db)
    db.set_clock(timedelta(minutes=61))
    db.claim()
    assert _forgotten(db) == 0
    db.set_clock(timedelta(minutes=62))
    assert _forgotten(db) == 1


def test_a_check_is_withdrawn_by_who_has_given_up(db: Session) -> None:
    _send(db)
    _send(db, "wrun_hc_2")
    for _ in range(2):
        # The second time there is none, as when it was handled meanwhile.
        db.call("withdraw_probe", run_id=PROBE)
        assert db.messages(PROBE) == []
    assert len(db.messages("wrun_hc_2")) == 1


def test_a_check_that_is_being_handled_is_not_withdrawn(db: Session) -> None:
    _send(db)
    (delivery,) = db.claim()
    db.call("withdraw_probe", run_id=PROBE)
    taken = ("run_id", "message_id", "lease_token")
    db.call("ack_message", **{name: delivery[name] for name in taken})
    assert db.messages(PROBE) == []


@pytest.mark.parametrize("run_id", ["wrun_hcx", "wrun_hc_", "", None])
def test_nothing_but_a_check_is_withdrawn(run_id: str | None, db: Session) -> None:
    with db.refused("WF400", argument="run id"):
        db.call("withdraw_probe", run_id=run_id)


def test_the_messages_of_a_run_are_not_withdrawn(db: Session) -> None:
    run_id = db.new_run("pending")
    with db.refused("WF400", argument="run id"):
        db.call("withdraw_probe", run_id=run_id)


def test_checks_are_no_backlog_and_no_problem(db: Session) -> None:
    told = {"workflows": [WORKFLOW], "steps": [STEP]}
    db.call("heartbeat_worker", worker_id="worker", **told)
    now = db.now()
    for run_id in (PROBE, "wrun_hc_2", "wrun_hc_3"):
        db.set_clock(now - timedelta(minutes=30))
        _send(db, run_id)
        db.set_clock(now)
    lost, given_up = db.claim(limit=2, lease=timedelta(seconds=5))
    taken = ("run_id", "message_id", "lease_token")
    db.call("bury_message", **{name: given_up[name] for name in taken}, error="why")
    db.set_clock(now + timedelta(minutes=1))
    db.call("send_message", **SEND | {"queue_name": "__wkf_workflow_no"}, run_id=PROBE)
    db.call("heartbeat_worker", worker_id="worker", **told)
    assert lost["run_id"] != given_up["run_id"]
    found = {row["subject"]: row for row in db.call("diagnose")}
    for subject in ("served", "leases", "backlog", "buried"):
        assert found[subject]["severity"] == "ok", found[subject]
    assert db.call("queue_stats") == []
    assert db.call("list_buried") == []


def test_an_answer_goes_after_an_hour_with_all_that_is_kept_of_it(db: Session) -> None:
    _answer(db)
    db.set_clock(timedelta(minutes=61))
    # Its writer, as that of any closed stream, and itself.
    assert _forgotten(db) == 2
    assert db.call("list_streams", run_id=PROBE) == []
    assert db.value("select count(*) from workflow_pg.stream_chunks") == 0
    assert db.value("select count(*) from workflow_pg_private.stream_writers") == 0


def test_nothing_else_of_that_age_goes(db: Session) -> None:
    run_id = db.new_run()
    _answer(db, "wrun_hc_2", "s")
    _answer(db, "other", ANSWER)
    _answer(db, run_id, ANSWER)
    _send(db, "wrun_hcx")
    db.set_clock(timedelta(minutes=61))
    db.call("maintain", grace=timedelta(days=1))
    assert db.value("select count(*) from workflow_pg.streams") == 3
    assert db.value("select count(*) from workflow_pg.stream_chunks") == 3
    assert len(db.messages("wrun_hcx")) == 1


def test_checks_are_forgotten_once_in_a_walk(db: Session) -> None:
    runs = sorted(db.new_run() for _ in range(3))
    _send(db)
    db.set_clock(timedelta(minutes=61))
    grace = timedelta(days=1)
    (page,) = db.call("maintain", limit=2, grace=grace)
    assert (page["next_after"], page["forgotten"]) == (runs[1], 0)
    (page,) = db.call("maintain", limit=2, grace=grace, after=runs[1])
    assert (page["next_after"], page["forgotten"]) == (None, 1)


def test_why_names_the_namespace_that_nobody_serves(db: Session) -> None:
    (created,) = db.call(
        "create_run",
        run_id=None,
        workflow_name=WORKFLOW,
        input=b"",
        execution_context={"queueNamespace": "billing"},
    )
    run_id = created["run_id"]
    db.append(run_id, "run_started")
    db.new_step(run_id)
    served = {"workflows": [WORKFLOW], "steps": [STEP]}
    db.call("heartbeat_worker", worker_id="plain", **served)

    def unserved() -> set[str]:
        found = db.call("why", run_id=run_id)
        return {row["sentence"] for row in found if row["cause"] == "unserved"}

    assert unserved() == {
        f"no live worker serves {name} in deployment default, namespace billing"
        for name in (WORKFLOW, STEP)
    }
    db.call("heartbeat_worker", worker_id="w", **served, namespace="billing")
    assert unserved() == set()
