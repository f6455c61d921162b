"""What the queue holds and who works, counted by name and deployment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import STEP, WORKFLOW, Row, Session

COUNTS = ("due", "delayed", "leased", "expired", "buried", "unserved", "workers")


def _announce(db: Session, worker_id: str = "worker", **told: object) -> None:
    names = {"workflows": [WORKFLOW], "steps": [STEP]}
    db.call("heartbeat_worker", worker_id=worker_id, **{**names, **told})


def _counts(row: Row) -> dict[str, int]:
    """The counts of a row that are not 0."""
    assert row["pending"] == row["due"] + row["delayed"]
    return {name: row[name] for name in COUNTS if row[name]}


def test_an_empty_queue_has_no_rows(db: Session) -> None:
    _announce(db)
    assert db.call("queue_stats") == []


def test_messages_are_counted_by_name_and_by_what_they_wait_for(db: Session) -> None:
    now = db.now()
    db.set_clock(now - timedelta(minutes=3))
    for _ in range(2):
        db.new_run("pending")
    db.set_clock(now)
    run_id = db.new_run("pending")
    later = {"delay": timedelta(hours=1), "kind": "hook", "body": b"x"}
    db.call("send_message", run_id=run_id, **later)
    db.new_step(run_id)
    step, replay = db.call("queue_stats")
    assert (step["serves"], replay["serves"]) == (STEP, WORKFLOW)
    assert _counts(step) == {"due": 1, "unserved": 1}
    assert _counts(replay) == {"due": 3, "delayed": 1, "unserved": 4}
    assert replay["oldest_due_at"] == now - timedelta(minutes=3)
    assert replay["oldest_due_age"] == timedelta(minutes=3)


def test_leased_expired_and_buried_messages_are_told_apart(db: Session) -> None:
    _announce(db)
    for _ in range(3):
        db.new_run("pending")
    first, *_ = db.claim()
    names = ("run_id", "message_id", "lease_token")
    db.call("bury_message", error="why", **{name: first[name] for name in names})
    (row,) = db.call("queue_stats")
    assert _counts(row) == {"leased": 2, "buried": 1, "workers": 1}
    assert (row["oldest_due_at"], row["oldest_due_age"]) == (None, None)

    # The worker that held them has died, and so has the other one.
    db.set_clock(timedelta(seconds=16))
    (row,) = db.call("queue_stats")
    assert _counts(row) == {"expired": 2, "buried": 1, "unserved": 2}


@pytest.mark.parametrize(
    ("told", "workers"),
    [
        ({}, 1),
        ({"deployment_id": "*"}, 1),
        ({"deployment_id": "green"}, 0),
        ({"namespace": "eu"}, 0),
        ({"workflows": ["another"]}, 0),
    ],
    ids=str,
)
def test_only_who_would_claim_a_message_serves_it(
    db: Session, told: dict[str, Any], workers: int
) -> None:
    db.new_run()
    _announce(db, **told)
    (row,) = db.call("queue_stats")
    assert (row["workers"], row["unserved"]) == (workers, 1 - workers)


def test_one_name_in_two_namespaces_is_one_row(db: Session) -> None:
    facts = {"workflowName": WORKFLOW, "deploymentId": "default"}
    for context in ({}, {"queueNamespace": "eu"}):
        db.new_run("pending", facts={**facts, "executionContext": context})
    _announce(db)
    (row,) = db.call("queue_stats")
    assert _counts(row) == {"due": 2, "unserved": 1, "workers": 1}


def test_a_deployment_is_a_row_of_its_own(db: Session) -> None:
    for name in ("blue", "green"):
        facts = {"workflowName": WORKFLOW, "deploymentId": name}
        db.new_run("pending", facts=facts)
    assert [row["deployment_id"] for row in db.call("queue_stats")] == ["blue", "green"]


def test_workers_are_listed_with_what_they_do(db: Session) -> None:
    now = db.now()
    db.set_clock(now - timedelta(minutes=1))
    _announce(db, "dead", deployment_id="blue")
    db.set_clock(now - timedelta(seconds=5))
    _announce(db, "alive", namespace="eu")
    _announce(db, "everybody's", deployment_id="*")
    db.set_clock(now)
    db.new_run("pending")
    db.claim("alive")

    first, second, third = db.call("list_workers")

    assert [w["worker_id"] for w in (first, second, third)] == [
        *("everybody's", "alive", "dead")
    ]
    assert [w["is_alive"] for w in (first, second, third)] == [True, True, False]
    assert (second["namespace"], second["in_flight"]) == ("eu", 1)
    assert (first["namespace"], first["in_flight"]) == (None, 0)
    assert second["seen_age"] == timedelta(seconds=5)
    assert third["seen_at"] == now - timedelta(minutes=1)
    assert (second["workflows"], second["steps"]) == ([WORKFLOW], [STEP])

    def ids(**told: object) -> list[str]:
        return [worker["worker_id"] for worker in db.call("list_workers", **told)]

    assert ids(deployment_id="blue") == ["everybody's", "dead"]
    assert ids(is_alive=False) == ["dead"]
    assert ids(deployment_id="blue", is_alive=True) == ["everybody's"]


def test_a_lease_that_ended_is_not_in_flight(db: Session) -> None:
    db.new_run("pending")
    db.claim("worker")
    db.set_clock(timedelta(seconds=16))
    _announce(db)
    (worker,) = db.call("list_workers")
    assert (worker["is_alive"], worker["in_flight"]) == (True, 0)


def test_runs_are_listed_by_deployment_and_while_they_live(db: Session) -> None:
    blue = {"workflowName": WORKFLOW, "deploymentId": "blue"}
    ended, live = db.new_run("failed", facts=blue), db.new_run(facts=blue)
    other = db.new_run("pending")

    def ids(**told: object) -> set[str]:
        return {run["run_id"] for run in db.call("list_runs", **told)}

    assert ids(deployment_id="blue") == {ended, live}
    assert ids(only_live=True) == {live, other}
    assert ids(deployment_id="blue", only_live=True) == {live}
    assert ids(deployment_id="green") == set()


def test_live_hooks_of_all_runs_are_listed_by_token(db: Session) -> None:
    tokens = ["t3", "t1", "t2", "t4"]
    runs = {token: db.new_run() for token in tokens}
    for token, run_id in runs.items():
        db.append(run_id, "hook_created", "hook_1", facts={"token": token})
    db.append(runs["t4"], "hook_disposed", "hook_1")
    first = db.call("list_all_hooks", limit=2)
    rest = db.call("list_all_hooks", after_token=first[-1]["token"])
    assert [hook["token"] for hook in first + rest] == ["t1", "t2", "t3"]
    assert {hook["status"] for hook in first} == {"live"}
    assert {hook["metadata"] for hook in first} == {None}


def test_a_hook_is_resumed_by_its_token(db: Session) -> None:
    run_id = db.new_run()
    db.append(run_id, "hook_created", "hook_1", facts={"token": "t"})
    db.quiet(run_id)
    told = {"token": "t", "payload": b'{"by": "Grace"}', "dedup_key": "k"}
    (reply,) = db.call("resume_hook", **told)
    assert (reply["run_id"], reply["correlation_id"]) == (run_id, "hook_1")
    event = db.log(run_id)[-1]
    assert (event["event_type"], event["codec"]) == ("hook_received", "json")
    assert event["payload"] == b'{"by": "Grace"}'
    assert [m["kind"] for m in db.claim()] == ["wake"]
    with db.nothing_written():
        assert db.call("resume_hook", **told) == [reply]
    with db.refused("WF400", argument="payload"):
        db.call("resume_hook", token="t", payload=b"no JSON")


def test_a_token_that_nobody_holds_resumes_nothing(db: Session) -> None:
    run_id = db.new_run()
    db.append(run_id, "hook_created", "hook_1", facts={"token": "t"})
    db.append(run_id, "run_cancelled")
    for token in ("t", "another", None):
        with db.refused("WF404", entity="hook", token=token):
            db.call("resume_hook", token=token, payload=b"{}")
