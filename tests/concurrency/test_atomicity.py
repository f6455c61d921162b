"""A call whose backend is killed before its commit leaves every table as it was.

Each call is stopped where it wants to write to one table, by a lock on that table or
by a message that another session has not committed, and is killed while it waits.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from psycopg.sql import SQL, Identifier

from tests.concurrency.legal import legal
from tests.concurrency.sessions import Rival
from tests.support import EVENTS, WORKFLOW, Row, Session, new_run_id

Open = Callable[[], Rival]
Act = Callable[[Session], object]

TABLES = {
    "events": Identifier("workflow_pg", "events"),
    "append_keys": Identifier("workflow_pg_private", "append_keys"),
    "messages": Identifier("workflow_pg_private", "messages"),
}
_LEAVE_NO_MESSAGE = {"run_started", "step_started", "attr_set"}
_CASES = [
    case
    for case in itertools.product(EVENTS, TABLES)
    if case[1] != "messages" or case[0] not in _LEAVE_NO_MESSAGE
]


@contextmanager
def _locked(rival: Rival, table: str) -> Generator[None]:
    """Nobody writes to a table while this lasts."""
    with rival.open():
        lock = SQL("lock table {} in share mode").format(TABLES[table])
        rival.session.conn.execute(lock)
        yield


def _is_killed(db: Session, victim: Rival, act: Act) -> None:
    """Kill a call that waits; afterwards all rows are as they were before it."""
    with db.nothing_written():
        victim.terminate(victim.blocked(act))


@pytest.mark.parametrize(("event", "table"), _CASES)
def test_an_append_that_is_killed_has_done_nothing(
    db: Session, rival: Open, event: str, table: str
) -> None:
    call = legal(db, event)
    with _locked(rival(), table):
        _is_killed(db, rival(), call)
    assert call(db)["event_type"] == event


@pytest.mark.parametrize("table", TABLES)
def test_a_resilient_start_that_is_killed_has_created_nothing(
    db: Session, rival: Open, table: str
) -> None:
    run_id = new_run_id()
    facts = {"workflowName": WORKFLOW, "deploymentId": "default"}
    told: dict[str, Any] = {"facts": facts, "payload": b"x", "dedup_key": "key"}
    with _locked(rival(), table):
        _is_killed(db, rival(), lambda s: s.append(run_id, "run_started", **told))
    assert db.append(run_id, "run_started", **told)["seq"] == 2


def test_a_conflict_that_is_killed_is_not_recorded(db: Session, rival: Open) -> None:
    token = {"token": "one token"}
    db.append(db.new_run(), "hook_created", "hook_1", facts=token)
    run_id = db.new_run()
    with _locked(rival(), "events"):
        _is_killed(
            db, rival(), lambda s: s.append(run_id, "hook_created", "h", facts=token)
        )


def _claimed(db: Session, run_id: str) -> Row:
    """The delivery of a run's replay."""
    (message,) = [
        m for m in db.claim() if m["run_id"] == run_id and m["kind"] == "wake"
    ]
    return message


def _held(message: Row) -> dict[str, Any]:
    return {name: message[name] for name in ("run_id", "message_id", "lease_token")}


@contextmanager
def _wake_being_left(rival: Rival, run_id: str) -> Generator[None]:
    """A pending wake that is not committed: whoever leaves another waits for it."""
    with rival.session.conn.transaction(force_rollback=True):
        rival.session.call("send_message", run_id=run_id, kind="wake")
        yield


def _let_a_wait_be_over(db: Session, run_id: str) -> None:
    facts = {"resumeAt": "2001-01-01T00:00:00Z"}
    db.append(run_id, "wait_created", "wait_1", facts=facts, wake=False)


def test_a_claim_that_is_killed_has_claimed_and_woken_nothing(
    db: Session, rival: Open
) -> None:
    other, sleeping = db.new_run(), db.new_run()
    db.quiet(sleeping)
    _let_a_wait_be_over(db, sleeping)
    with _wake_being_left(rival(), sleeping):
        # It has marked the wait and now wants to leave the wake.
        _is_killed(db, rival(), lambda s: s.claim())
    with _locked(rival(), "messages"):
        _is_killed(db, rival(), lambda s: s.claim())
    assert {message["run_id"] for message in db.claim()} == {other, sleeping}


def test_an_acknowledgement_that_is_killed_leaves_the_delivery(
    db: Session, rival: Open
) -> None:
    run_id = db.new_run()
    _let_a_wait_be_over(db, run_id)
    message = _claimed(db, run_id)
    # The delivery has not completed the wait: the run is owed a wake.
    with _wake_being_left(rival(), run_id):
        _is_killed(db, rival(), lambda s: s.call("ack_message", **_held(message)))
    db.call("ack_message", **_held(message))
    (left,) = db.messages(run_id)
    assert left["message_id"] != message["message_id"]


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("reschedule_message", {"delay": timedelta(hours=1)}),
        ("nack_message", {"error": "it did not work"}),
        ("release_message", {}),
    ],
)
def test_a_return_that_is_killed_leaves_the_delivery(
    db: Session, rival: Open, function: str, told: dict[str, Any]
) -> None:
    run_id = db.new_run()
    message = _claimed(db, run_id)
    # The delivery is deleted, to be merged with the pending wake.
    with _wake_being_left(rival(), run_id):
        _is_killed(db, rival(), lambda s: s.call(function, **_held(message), **told))
    db.call(function, **_held(message), **told)
    (left,) = db.messages(run_id)
    assert left["message_id"] == message["message_id"]
    assert left["lease_token"] is None


@pytest.mark.parametrize("kind", ["wake", "step"])
@pytest.mark.parametrize("table", ["events", "messages"])
def test_a_burial_that_is_killed_has_failed_nothing(
    db: Session, rival: Open, kind: str, table: str
) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "step_1", "running")
    db.append(run_id, "hook_created", "hook_1", facts={"token": "a token"})
    (message,) = [m for m in db.claim() if m["kind"] == kind]
    told = {**_held(message), "error": "too often"}
    with _locked(rival(), table):
        _is_killed(db, rival(), lambda s: s.call("bury_message", **told))
    db.call("bury_message", **told)
    assert db.types(run_id)[-1] == ("run_failed" if kind == "wake" else "step_failed")
