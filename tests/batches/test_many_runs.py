"""Calls about many runs, and all sleeps of one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.batches.calls import statuses
from tests.concurrency.fold import assert_sound
from tests.support import LATER, WORKFLOW, Row, Session, new_run_id


def _create(db: Session, run_ids: list[str] | None, /, **options: object) -> list[Row]:
    length = len(run_ids or [1, 2])
    told: dict[str, Any] = {
        "run_ids": run_ids,
        "workflow_names": [WORKFLOW] * length,
        "inputs": [b"in"] * length,
    }
    return db.call("create_runs", **{**told, **options})


def test_runs_are_created_with_events_attributes_and_wakes(db: Session) -> None:
    run_ids = [new_run_id() for _ in range(3)]
    outcomes = _create(
        db,
        run_ids[::-1],
        inputs=[b"a", b"b", b"c"],
        attributes=[Jsonb({"n": "1"}), None, Jsonb({})],
        execution_context={"queueNamespace": "shop"},
    )
    assert statuses(outcomes) == [200] * 3
    assert [o["run_id"] for o in outcomes] == run_ids[::-1]
    assert {(o["seq"], o["event_type"]) for o in outcomes} == {(1, "run_created")}
    runs = db.call("get_runs", run_ids=run_ids)
    assert [run["input"] for run in runs] == [b"c", b"b", b"a"]
    assert [run["attributes"] for run in runs] == [{}, {}, {"n": "1"}]
    assert {run["queue_name"] for run in runs} == {f"__shop_wkf_workflow_{WORKFLOW}"}
    claimed = db.claim(namespace="shop")
    assert sorted(m["run_id"] for m in claimed) == run_ids
    for run_id in run_ids:
        assert_sound(db, run_id)


def test_a_run_that_is_created_with_many_is_like_any_other(db: Session) -> None:
    (outcome, _) = _create(db, None, attributes=[Jsonb({"a": "b"}), None])
    alone = db.new_run(
        "pending",
        facts={
            "workflowName": WORKFLOW,
            "deploymentId": "default",
            "attributes": {"a": "b"},
        },
    )
    one, other = db.call("get_runs", run_ids=[outcome["run_id"], alone])
    differ = {name for name in one if one[name] != other[name]}
    assert differ <= {"run_id", "created_at"}
    (event,), (like) = db.log(outcome["run_id"]), db.log(alone)
    assert {name for name in event if event[name] != like[0][name]} <= {
        "run_id",
        "created_at",
    }


def test_a_run_that_exists_is_rejected_alone(db: Session) -> None:
    old, new = db.new_run("completed"), new_run_id()
    outcomes = _create(db, [old, new], attributes=[Jsonb({"a": "b"}), None])
    assert statuses(outcomes) == [409, 200]
    assert outcomes[0]["detail"]["status"] == "completed"
    assert db.types(old)[-1] == "run_completed"
    assert db.call("get_runs", run_ids=[old])[0]["attributes"] == {}
    with db.nothing_written():
        assert statuses(_create(db, [old, new])) == [409, 409]


def test_no_runs_have_no_outcomes(db: Session) -> None:
    with db.nothing_written():
        told: dict[str, Any] = {"run_ids": [], "workflow_names": [], "inputs": None}
        assert db.call("create_runs", **told) == []


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("WF400", {"run_ids": ["wrun_1", "wrun_2"]}),
        ("WF400", {"run_ids": [new_run_id(0), new_run_id(0)]}),
        ("WF400", {"run_ids": ["x"]}),
        ("WF400", {"workflow_names": [WORKFLOW, ""]}),
        ("WF400", {"workflow_names": [WORKFLOW]}),
        ("WF400", {"workflow_names": None}),
        ("WF400", {"inputs": [b"", None]}),
        ("WF400", {"inputs": [b"1", b"[]"], "codec": "json"}),
        ("WF400", {"inputs": [b"{", b"[]"], "codec": "json"}),
        ("WF400", {"deployment_id": ""}),
        ("WF400", {"execution_context": {"queueNamespace": "A"}}),
        ("WF400", {"attributes": [Jsonb([]), None]}),
        ("WF413", {"inputs": [b"", bytes(2**24 + 1)]}),
        ("WF422", {"attributes": [Jsonb({"$a": "b"}), None]}),
        ("WF422", {"attributes": [None, Jsonb({str(n): "" for n in range(65)})]}),
        ("WF426", {"spec_version": 1}),
    ],
)
def test_a_malformed_argument_refuses_all_runs(
    db: Session, code: str, wrong: dict[str, object]
) -> None:
    run_ids = [new_run_id(), new_run_id()]
    with db.refused(code):
        _create(db, run_ids, **{"run_ids": run_ids, **wrong})


def test_an_id_that_is_there_twice_refuses_all_runs(db: Session) -> None:
    run_id = new_run_id()
    with db.refused("WF400", argument="run ids"):
        _create(db, [run_id, run_id])


def test_each_run_to_be_cancelled_has_its_outcome(db: Session) -> None:
    by_status = {
        status: db.new_run(status)
        for status in ("running", "cancelled", "completed", "failed", "pending")
    }
    run_ids = [*by_status.values(), "absent"]
    db.append(by_status["running"], "hook_created", "h", facts={"token": "t"})
    db.append(by_status["running"], "wait_created", "w", facts={"resumeAt": LATER})
    outcomes = db.call("cancel_runs", run_ids=run_ids, reason="closed")
    told = [(o["place"], o["outcome"], o["run_status"], o["seq"]) for o in outcomes]
    assert told == [
        (1, "cancelled", "cancelled", 5),
        (2, "already_cancelled", "cancelled", None),
        (3, "not_cancellable", "completed", None),
        (4, "not_cancellable", "failed", None),
        (5, "cancelled", "cancelled", 2),
        (6, "not_found", None, None),
    ]
    assert [o["run_id"] for o in outcomes] == run_ids
    for status in ("running", "pending"):
        run_id = by_status[status]
        assert db.log(run_id)[-1]["facts"] == {"cancelReason": "closed"}
        assert db.messages(run_id) == []
        assert_sound(db, run_id)
    with db.nothing_written():
        again = db.call("cancel_runs", run_ids=run_ids)
    assert [o["outcome"] for o in again].count("already_cancelled") == 3


def test_a_cancellation_without_a_reason_has_no_facts(db: Session) -> None:
    run_id = db.new_run()
    db.call("cancel_runs", run_ids=[run_id])
    assert db.log(run_id)[-1]["facts"] is None


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("WF400", {"run_ids": []}),
        ("WF400", {"run_ids": None}),
        ("WF400", {"run_ids": ["a", "a"]}),
        ("WF400", {"run_ids": ["a", None]}),
        ("WF400", {"run_ids": [str(n) for n in range(501)]}),
        ("WF422", {"run_ids": ["a"], "reason": "x" * 513}),
        ("WF426", {"run_ids": ["a"], "spec_version": 8}),
    ],
)
def test_a_cancellation_of_what_is_no_list_is_refused(
    db: Session, code: str, told: dict[str, object]
) -> None:
    with db.refused(code):
        db.call("cancel_runs", **told)


def test_runs_are_read_in_the_order_asked_for(db: Session) -> None:
    one, other = db.new_run(), db.new_run("completed")
    runs = db.call("get_runs", run_ids=[other, "absent", one, other])
    assert [run["run_id"] for run in runs] == [other, None, one, other]
    assert set(runs[1].values()) == {None}
    (alone,) = db.call("get_run", run_id=other)
    assert runs[0] == runs[3] == alone
    (bare,) = db.call("get_runs", run_ids=[other], with_payloads=False)
    assert (bare["input"], bare["status"]) == (None, "completed")
    assert db.call("get_runs", run_ids=[]) == []


def test_all_sleeps_that_are_over_end_in_their_order(db: Session) -> None:
    run_id = db.new_run()
    for wait_id, year in {"b": 2001, "a": 2002, "c": 2000, "later": 2999}.items():
        facts = {"resumeAt": f"{year}-01-01T00:00:00Z"}
        db.append(run_id, "wait_created", wait_id, facts=facts)
    replies = db.call("complete_elapsed_waits", run_id=run_id)
    assert [(r["correlation_id"], r["seq"]) for r in replies] == [
        ("c", 7),
        ("b", 8),
        ("a", 9),
    ]
    assert [e["correlation_id"] for e in db.log(run_id)[6:]] == ["c", "b", "a"]
    assert_sound(db, run_id)
    with db.nothing_written():
        assert db.call("complete_elapsed_waits", run_id=run_id) == []


def test_a_sleep_is_over_when_the_databases_clock_says_so(db: Session) -> None:
    run_id = db.new_run()
    now = db.now()
    db.set_clock(now)
    told = {"run_id": run_id, "wait_id": "w", "resume_at": now + timedelta(seconds=9)}
    db.call("create_wait", **told)
    assert db.call("complete_elapsed_waits", run_id=run_id) == []
    db.set_clock(now + timedelta(seconds=9))
    assert len(db.call("complete_elapsed_waits", run_id=run_id)) == 1


def test_the_end_of_sleeps_wakes_the_run_unless_its_holder_does(db: Session) -> None:
    run_id = db.new_run()
    facts = {"resumeAt": "2001-01-01T00:00:00Z"}
    for wait_id in ("a", "b"):
        db.append(run_id, "wait_created", wait_id, facts=facts, wake=False)
        (message,) = db.claim()
        token = message["lease_token"] if wait_id == "a" else None
        db.call("complete_elapsed_waits", run_id=run_id, lease_token=token)
        kinds = [m["kind"] for m in db.messages(run_id)]
        assert kinds == ["wake"] * (1 if wait_id == "a" else 2)
        db.call(
            "ack_message",
            run_id=run_id,
            message_id=message["message_id"],
            lease_token=message["lease_token"],
        )
        if wait_id == "a":
            db.call("send_message", run_id=run_id, kind="wake")


def test_a_final_run_has_no_sleeps_to_end(db: Session) -> None:
    run_id = db.new_run()
    facts = {"resumeAt": "2001-01-01T00:00:00Z"}
    db.append(run_id, "wait_created", "w", facts=facts)
    db.append(run_id, "run_completed")
    with db.nothing_written():
        assert db.call("complete_elapsed_waits", run_id=run_id) == []


def test_sleeps_of_an_absent_run_are_refused(db: Session) -> None:
    with db.refused("WF404", entity="run", id="absent"):
        db.call("complete_elapsed_waits", run_id="absent")
    with db.refused("WF426"):
        db.call("complete_elapsed_waits", run_id="absent", spec_version=9)
