"""A caller in REPEATABLE READ is told to repeat, not answered by its old snapshot."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from tests.concurrency.legal import legal
from tests.concurrency.sessions import Rival
from tests.support import EVENTS, WORKFLOW, Row, Session, new_run_id

Open = Callable[[], Rival]


@contextmanager
def _looking_back(rival: Rival) -> Generator[Session]:
    """A session that sees nothing of what others commit from now on."""
    session = rival.session
    session.do("begin isolation level repeatable read")
    session.value("select count(*) from workflow_pg.runs")
    yield session
    session.do("rollback")


def _must_repeat(db: Session, act: Callable[[], object]) -> None:
    with db.nothing_written(), pytest.raises(psycopg.errors.SerializationFailure):
        act()


@pytest.mark.parametrize("event", EVENTS)
def test_what_another_has_just_done_is_not_done_again(
    db: Session, rival: Open, event: str
) -> None:
    call = legal(db, event)
    with _looking_back(rival()) as session:
        reply = call(db)
        _must_repeat(db, lambda: call(session))
    with db.nothing_written():
        assert call(db) == reply


@pytest.mark.parametrize("event", [e for e in EVENTS if e != "run_created"])
def test_an_event_of_a_run_that_has_moved_is_not_numbered(
    db: Session, rival: Open, event: str
) -> None:
    call = legal(db, event)
    with _looking_back(rival()) as session:
        db.append(call.run_id, "hook_created", "hook_2", facts={"token": "t"})
        _must_repeat(db, lambda: call(session))
    assert call(db)["event_type"] == event


@pytest.mark.parametrize("event", ["run_created", "run_started"])
def test_a_run_is_not_created_again(db: Session, rival: Open, event: str) -> None:
    run_id = new_run_id()
    facts = {"workflowName": WORKFLOW, "deploymentId": "default"}
    told: dict[str, Any] = {"facts": facts, "payload": b"in"}
    with _looking_back(rival()) as session:
        db.append(run_id, "run_created", **told)
        _must_repeat(db, lambda: session.append(run_id, event, **told))


def test_a_token_is_not_taken_from_a_holder_out_of_sight(
    db: Session, rival: Open
) -> None:
    one, other, token = db.new_run(), db.new_run(), {"token": "one token"}

    def claim(session: Session, run_id: str) -> Row:
        return session.append(run_id, "hook_created", "hook_1", facts=token)

    with _looking_back(rival()) as session:
        claim(db, one)
        _must_repeat(db, lambda: claim(session, other))
    assert claim(db, other)["conflicting_run_id"] == one


def test_a_message_that_another_has_claimed_is_not_claimed(
    db: Session, rival: Open
) -> None:
    db.new_run()
    with _looking_back(rival()) as session:
        (delivery,) = db.claim("worker_1")
        _must_repeat(db, lambda: session.claim("worker_2"))
    (message,) = db.messages(delivery["run_id"])
    assert (message["worker_id"], message["attempt"]) == ("worker_1", 1)


def test_a_delivery_that_another_has_taken_over_is_not_acknowledged(
    db: Session, rival: Open
) -> None:
    db.new_run()
    (delivery,) = db.claim("worker_1")
    lease = {name: delivery[name] for name in ("run_id", "message_id", "lease_token")}
    with _looking_back(rival()) as session:
        query = "update workflow_pg_private.messages set lease_until = '2001-01-01'"
        db.do(query)
        assert len(db.claim("worker_2")) == 1
        _must_repeat(db, lambda: session.call("ack_message", **lease))
