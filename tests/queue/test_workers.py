"""Workers announce themselves; only those that wait are notified."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from tests.support import STEP, WORKFLOW, Session, connect

Heard = Callable[[], int]


def _announce(db: Session, worker_id: str = "worker", **told: Any) -> None:
    names = {"workflows": [WORKFLOW], "steps": [STEP]}
    db.call("heartbeat_worker", worker_id=worker_id, **{**names, **told})


def _idle(db: Session, worker_id: str = "worker", *, is_idle: bool = True) -> None:
    db.call("set_worker_idle", worker_id=worker_id, is_idle=is_idle)


def _workers(db: Session) -> dict[str, dict[str, Any]]:
    rows = db.rows("select * from workflow_pg_private.workers")
    return {row["worker_id"]: row for row in rows}


@pytest.fixture
def heard(db: Session) -> Iterator[Heard]:
    """How many notifications have come since it was asked last."""
    with ExitStack() as stack:
        listener = stack.enter_context(connect(db.dsn))
        listener.do("listen workflow_pg")

        def count() -> int:
            # Notifications of a session come before those of its later transactions.
            db.do("notify workflow_pg, 'last'")
            told = [n.payload for n in listener.conn.notifies(timeout=10, stop_after=1)]
            while told[-1] != "last":
                told += [
                    n.payload for n in listener.conn.notifies(timeout=10, stop_after=1)
                ]
            return len(told) - 1

        yield count


def test_a_heartbeat_announces_and_renews(db: Session) -> None:
    started_at = db.now()
    db.set_clock(started_at)
    _announce(db, deployment_id="blue", namespace="team1")
    later = started_at + timedelta(seconds=5)
    db.set_clock(later)
    _announce(db, workflows=["w"], steps=[], deployment_id="blue", namespace="team1")
    assert _workers(db) == {
        "worker": {
            "worker_id": "worker",
            "deployment_id": "blue",
            "namespace": "team1",
            "is_idle": False,
            "seen_at": later,
            "started_at": started_at,
            "workflows": ["w"],
            "steps": [],
        }
    }


def test_a_heartbeat_leaves_an_idle_worker_idle(db: Session) -> None:
    _announce(db)
    _idle(db)
    _announce(db)
    assert _workers(db)["worker"]["is_idle"]
    _idle(db, is_idle=False)
    assert not _workers(db)["worker"]["is_idle"]


def test_a_worker_that_says_goodbye_is_gone(db: Session) -> None:
    _announce(db)
    _announce(db, "another")
    db.call("remove_worker", worker_id="worker")
    assert _workers(db).keys() == {"another"}


def test_a_worker_is_forgotten_after_an_hour(db: Session) -> None:
    _announce(db)
    db.set_clock(timedelta(minutes=61))
    _announce(db, "another")
    assert _workers(db).keys() == {"another"}


@pytest.mark.parametrize("function", ["set_worker_idle", "remove_worker"])
def test_an_unknown_worker_changes_nothing(db: Session, function: str) -> None:
    told = {"is_idle": True} if function == "set_worker_idle" else {}
    with db.nothing_written():
        db.call(function, worker_id="unknown", **told)


@pytest.mark.parametrize(
    "told", [{"worker_id": ""}, {"worker_id": None}, {"deployment_id": ""}], ids=str
)
def test_a_malformed_announcement_is_refused(db: Session, told: dict[str, Any]) -> None:
    with db.refused("WF400"):
        _announce(db, **{"worker_id": "worker", **told})


@pytest.mark.parametrize(
    ("told", "count"),
    [
        ({}, 1),
        ({"deployment_id": "*"}, 1),
        ({"deployment_id": "another"}, 0),
        ({"workflows": ["another"]}, 0),
    ],
    ids=str,
)
def test_an_idle_worker_that_serves_the_run_is_notified(
    db: Session, heard: Heard, told: dict[str, Any], count: int
) -> None:
    _announce(db, **told)
    _idle(db)
    db.new_run("pending")
    assert heard() == count


def test_nobody_is_notified_while_everybody_works(db: Session, heard: Heard) -> None:
    _announce(db)
    db.new_run()
    assert heard() == 0
    _idle(db)
    _idle(db, is_idle=False)
    db.new_run()
    assert heard() == 0


def test_nobody_is_notified_when_nobody_is_there(db: Session, heard: Heard) -> None:
    db.new_run()
    assert heard() == 0


@pytest.mark.parametrize(("steps", "count"), [([STEP], 1), (["another"], 0)])
def test_an_idle_worker_that_serves_the_step_is_notified(
    db: Session, heard: Heard, steps: list[str], count: int
) -> None:
    run_id = db.new_run()
    _announce(db, workflows=["another"], steps=steps)
    _idle(db)
    db.new_step(run_id)
    assert heard() == count


def test_one_transaction_notifies_once(db: Session, heard: Heard) -> None:
    _announce(db)
    _idle(db)
    with db.conn.transaction():
        for _ in range(5):
            db.new_run("pending")
    assert heard() == 1


def test_a_transaction_that_is_rolled_back_notifies_nobody(
    db: Session, heard: Heard
) -> None:
    _announce(db)
    _idle(db)
    with db.conn.transaction(force_rollback=True):
        db.new_run("pending")
    assert heard() == 0


def test_a_delivery_that_was_not_begun_notifies_others(
    db: Session, heard: Heard
) -> None:
    db.new_run()
    (delivery,) = db.claim()
    _announce(db)
    _idle(db)
    names = ("run_id", "message_id", "lease_token")
    db.call("release_message", **{name: delivery[name] for name in names})
    assert heard() == 1
