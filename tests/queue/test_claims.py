"""Who gets which message, in what order, and who gets none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import LATER, STEP, WORKFLOW, Session


def _run_of(db: Session, workflow: str, **facts: object) -> str:
    return db.new_run("pending", facts={"workflowName": workflow, **facts})


def _ids(rows: list[dict[str, Any]]) -> set[str]:
    return {row["run_id"] for row in rows}


def test_a_delivery_says_all_that_a_handler_needs(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    db.call("send_message", run_id=run_id, kind="custom", body=b"x", codec="json")
    now = db.now()
    db.set_clock(now)
    (wake, step) = sorted(db.claim(), key=lambda m: m["kind"] != "wake")
    stored = {m["message_id"]: m for m in db.messages(run_id)}
    common = {
        "run_id": run_id,
        "queue_name": f"__wkf_workflow_{WORKFLOW}",
        "deployment_id": "default",
        "idempotency_key": None,
        "attempt": 1,
        "is_exhausted": False,
        "lease_until": now + timedelta(seconds=15),
    }
    for delivery in (wake, step):
        row = stored[delivery["message_id"]]
        assert row["lease_token"] == delivery["lease_token"]
        assert row["worker_id"] == "worker"
        assert {name: delivery[name] for name in common} == common
    assert wake["lease_token"] != step["lease_token"]
    assert (wake["kind"], wake["step_id"], wake["step_name"]) == ("wake", None, None)
    assert (step["kind"], step["step_id"], step["step_name"]) == (
        "step",
        "step_1",
        STEP,
    )
    assert (wake["body"], wake["codec"]) == (None, "opaque")


@pytest.mark.parametrize("is_due", [True, False])
def test_a_message_is_not_delivered_before_its_time(
    db: Session, *, is_due: bool
) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    delay = timedelta(seconds=30)
    db.call("send_message", run_id=run_id, kind="wake", delay=delay)
    db.set_clock(timedelta(seconds=31 if is_due else 29))
    assert len(db.claim()) == is_due


def test_a_worker_gets_what_it_serves(db: Session) -> None:
    orders, mails = _run_of(db, "orders"), _run_of(db, "mails")
    assert db.claim(workflows=["others"]) == []
    assert _ids(db.claim(workflows=["orders", "others"])) == {orders}
    assert _ids(db.claim(workflows=["mails"])) == {mails}


def test_a_step_needs_its_workflow_and_its_own_name(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    db.append(run_id, "step_started", "step_1")
    db.do("delete from workflow_pg_private.messages where kind = 'wake'")
    assert db.claim(steps=[]) == []
    assert db.claim(steps=["another"]) == []
    assert db.claim(workflows=["another"], steps=[STEP]) == []
    assert len(db.claim(workflows=[WORKFLOW], steps=[STEP])) == 1


@pytest.mark.parametrize(
    ("deployment_id", "expected"),
    [("blue", {"blue"}), ("*", {"blue", "green"}), ("default", set[str]())],
)
def test_a_worker_gets_what_its_deployment_is_given(
    db: Session, deployment_id: str, expected: set[str]
) -> None:
    for name in ("blue", "green"):
        _run_of(db, WORKFLOW, deploymentId=name)
    claimed = db.claim(deployment_id=deployment_id)
    assert {delivery["deployment_id"] for delivery in claimed} == expected


@pytest.mark.parametrize(
    ("namespace", "count"), [(None, 0), ("team1", 1), ("team2", 0)]
)
def test_a_worker_gets_what_its_namespace_is_given(
    db: Session, namespace: str | None, count: int
) -> None:
    _run_of(db, WORKFLOW, executionContext={"queueNamespace": "team1"})
    assert len(db.claim(namespace=namespace)) == count


def test_names_that_nobody_serves_do_not_stand_in_the_way(db: Session) -> None:
    for _ in range(20):
        _run_of(db, "unserved")
    run_id = _run_of(db, "served")
    assert _ids(db.claim(workflows=["served"], limit=1)) == {run_id}


def test_the_limit_holds_over_all_names(db: Session) -> None:
    for name in ("a", "b", "c"):
        for _ in range(3):
            _run_of(db, name)
    counts = [len(db.claim(workflows=["a", "b", "c"], limit=4)) for _ in range(4)]
    assert counts == [4, 4, 1, 0]


def test_what_is_due_first_comes_first(db: Session) -> None:
    due: list[str] = []
    for seconds in (-30, -10, -20):
        db.set_clock(timedelta(seconds=seconds))
        due.append(db.new_run("pending"))
    db.set_clock(timedelta(0))
    order = [db.claim(limit=1)[0]["run_id"] for _ in range(3)]
    assert order == [due[0], due[2], due[1]]


def test_a_run_is_replayed_by_one_delivery_at_a_time(db: Session) -> None:
    run_id = db.new_run()
    for _ in range(3):
        db.call("send_message", run_id=run_id, kind="custom", body=b"x")
    seen: set[str] = set()
    for _ in range(4):
        (delivery,) = db.claim()
        assert db.claim() == []
        seen.add(delivery["message_id"])
        names = ("run_id", "message_id", "lease_token")
        db.call("ack_message", **{name: delivery[name] for name in names})
        db.append(
            run_id,
            "wait_created",
            f"w{len(seen)}",
            facts={"resumeAt": LATER},
            wake=False,
        )
    assert len(seen) == 4
    assert db.claim() == []


def test_steps_run_beside_a_replay_and_beside_each_other(db: Session) -> None:
    run_id = db.new_run()
    (replay,) = db.claim()
    for number in range(3):
        db.new_step(run_id, f"step_{number}")
    steps = db.claim()
    assert {step["step_id"] for step in steps} == {"step_0", "step_1", "step_2"}
    assert replay["kind"] == "wake"


def test_a_replay_comes_when_the_lease_of_the_other_has_ended(db: Session) -> None:
    run_id = db.new_run()
    (first,) = db.claim()
    db.call("send_message", run_id=run_id, kind="custom", body=b"x")
    assert db.claim() == []
    db.set_clock(timedelta(seconds=16))
    (second,) = db.claim()
    db.set_clock(timedelta(seconds=32))
    (third,) = db.claim()
    claimed = {second["message_id"], third["message_id"]}
    assert first["message_id"] in claimed


def test_many_expired_leases_are_taken_in_place(db: Session) -> None:
    for _ in range(5):
        db.new_run()
    first = {m["message_id"]: m["lease_token"] for m in db.claim()}
    db.set_clock(timedelta(seconds=16))
    again = db.claim("another")
    assert {m["message_id"] for m in again} == first.keys()
    assert {m["attempt"] for m in again} == {2}
    assert all(m["lease_token"] != first[m["message_id"]] for m in again)


def test_a_buried_message_is_never_delivered(db: Session) -> None:
    db.new_run()
    (delivery,) = db.claim()
    names = ("run_id", "message_id", "lease_token")
    lease = {name: delivery[name] for name in names}
    db.call("bury_message", error="why", **lease)
    db.set_clock(timedelta(days=1))
    assert db.claim() == []


def test_a_message_delivered_too_often_is_exhausted(db: Session) -> None:
    db.new_run()
    told: list[tuple[int, bool]] = []
    for number in range(4):
        db.set_clock(timedelta(minutes=number))
        (delivery,) = db.claim(max_deliveries=2)
        told.append((delivery["attempt"], delivery["is_exhausted"]))
    assert told == [(1, False), (2, False), (3, True), (4, True)]


def test_the_49th_delivery_is_one_like_the_first(db: Session) -> None:
    run_id = db.new_run()
    (message,) = db.messages(run_id)
    for number in range(1, 66):
        db.set_clock(timedelta(minutes=2 * number))
        (delivery,) = db.claim()
        assert (delivery["message_id"], delivery["attempt"]) == (
            message["message_id"],
            number,
        )
        assert delivery["is_exhausted"] == (number > 64)
        # Of all ways to fail: an error that was told, and a worker that was killed.
        if number % 2:
            lease = {
                name: delivery[name] for name in ("run_id", "message_id", "lease_token")
            }
            db.call("nack_message", error="no", **lease)


@pytest.mark.parametrize(
    "told",
    [
        {"worker_id": None},
        {"worker_id": ""},
        {"workflows": []},
        {"workflows": None},
        {"limit": 0},
        {"limit": 1001},
        {"limit": None},
        {"lease": timedelta(0)},
        {"lease": timedelta(hours=2)},
        {"lease": None},
        {"deployment_id": None},
        {"deployment_id": ""},
        {"namespace": "A"},
    ],
    ids=str,
)
def test_a_malformed_claim_is_refused(db: Session, told: dict[str, Any]) -> None:
    db.new_run()
    with db.refused("WF400"):
        db.claim(**{"worker_id": "worker", **told})
