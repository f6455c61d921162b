"""What was given up is listed, and delivered again where somebody can use it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support import WORKFLOW, Row, Session, new_run_id

QUEUE = f"__wkf_workflow_{WORKFLOW}"


def _bury(db: Session, delivery: Row, error: str = "why") -> str:
    names = ("run_id", "message_id", "lease_token")
    db.call("bury_message", error=error, **{name: delivery[name] for name in names})
    return delivery["message_id"]


def _early(db: Session, run_id: str | None = None, **told: object) -> tuple[str, str]:
    """A message that came before its run and was given up: ids of run and message."""
    run_id = run_id or new_run_id()
    sent = {"kind": "custom", "body": b"x", "queue_name": QUEUE, **told}
    db.call("send_message", run_id=run_id, **sent)
    (delivery,) = [m for m in db.claim() if m["run_id"] == run_id]
    return run_id, _bury(db, delivery)


def _plant(db: Session) -> str:
    """Bury all messages behind the back of the functions; the id of the newest."""
    db.do(
        "update workflow_pg_private.messages"
        "   set buried_at = now(), lease_token = null, lease_until = null"
    )
    return db.value(
        "select message_id from workflow_pg_private.messages"
        " order by created_at desc limit 1"
    )


def _requeue(
    db: Session, message_id: str | None = None, run_id: str | None = None
) -> list[Row]:
    return db.call("requeue_messages", message_id=message_id, run_id=run_id)


def test_a_message_that_came_before_its_run_is_delivered_again(db: Session) -> None:
    run_id, message_id = _early(db)
    (done,) = _requeue(db, message_id)
    assert done == {"run_id": run_id, "message_id": message_id, "kind": "custom"}
    (delivery,) = db.claim()
    assert (delivery["message_id"], delivery["attempt"]) == (message_id, 1)
    assert delivery["body"] == b"x"


def test_a_message_of_a_live_run_is_delivered_again(db: Session) -> None:
    run_id, message_id = _early(db)
    db.new_run(run_id=run_id)
    db.do("delete from workflow_pg_private.messages where kind = 'wake'")
    _requeue(db, message_id, run_id)
    assert [m["message_id"] for m in db.claim()] == [message_id]


def test_all_of_a_run_are_delivered_again(db: Session) -> None:
    run_id, first = _early(db)
    _, second = _early(db, run_id)
    _early(db)
    assert [m["message_id"] for m in _requeue(db, run_id=run_id)] == [first, second]
    pending = [m["buried_at"] is None for m in db.messages(run_id)]
    assert pending == [True, True]
    assert len(db.call("list_buried")) == 1


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_of_a_run_that_is_over_nothing_is_delivered_again(
    db: Session, status: str
) -> None:
    run_id, message_id = _early(db)
    db.new_run(status, run_id=run_id)
    with db.refused("WF410", run_id=run_id, run_status=status):
        _requeue(db, message_id)
    with db.refused("WF410", run_id=run_id):
        _requeue(db, run_id=run_id)


def test_a_run_that_failed_with_its_message_is_retried_instead(db: Session) -> None:
    run_id = db.new_run()
    (delivery,) = db.claim()
    message_id = _bury(db, delivery)
    with db.refused("WF410", run_id=run_id, run_status="failed"):
        _requeue(db, message_id)
    assert len(db.call("retry_run", run_id=run_id)) == 1


def test_a_step_that_failed_with_its_message_stays_failed(db: Session) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    db.new_step(run_id, status="running")
    (delivery,) = db.claim()
    message_id = _bury(db, delivery)
    with db.refused("WF409", run_id=run_id, entity="message", id=message_id):
        _requeue(db, message_id)


def test_a_dispatch_of_a_step_that_is_not_over_is_delivered_again(db: Session) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    db.new_step(run_id)
    message_id = _plant(db)
    (done,) = _requeue(db, message_id)
    assert (done["message_id"], done["kind"]) == (message_id, "step")
    assert [m["message_id"] for m in db.claim()] == [message_id]


def test_a_dispatch_merges_with_the_one_that_lives(db: Session) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    db.new_step(run_id)
    message_id = _plant(db)
    (living,) = db.call("send_message", run_id=run_id, kind="step", step_id="step_1")
    (done,) = _requeue(db, message_id)
    assert done["message_id"] == living["send_message"]
    assert [m["message_id"] for m in db.messages(run_id)] == [done["message_id"]]


def test_a_wake_merges_with_the_one_that_is_pending(db: Session) -> None:
    run_id = db.new_run()
    message_id = _plant(db)
    later = {"delay": timedelta(hours=1)}
    (living,) = db.call("send_message", run_id=run_id, kind="wake", **later)
    (done,) = _requeue(db, message_id)
    assert (done["message_id"], done["kind"]) == (living["send_message"], "wake")
    # It is due now, as the one that was requeued.
    assert len(db.claim()) == 1


def test_a_key_that_has_a_new_message_is_left_to_that(db: Session) -> None:
    run_id, message_id = _early(db, idempotency_key="k")
    told = {"body": b"y", "queue_name": QUEUE, "idempotency_key": "k"}
    db.call("send_message", run_id=run_id, kind="custom", **told)
    with db.refused("WF409", run_id=run_id, id=message_id):
        _requeue(db, message_id)


def test_all_or_none(db: Session) -> None:
    run_id, _ = _early(db)
    _early(db, run_id, idempotency_key="k")
    told = {"body": b"y", "queue_name": QUEUE, "idempotency_key": "k"}
    db.call("send_message", run_id=run_id, kind="custom", **told)
    with db.refused("WF409", run_id=run_id):
        _requeue(db, run_id=run_id)


@pytest.mark.parametrize("names_run", [True, False])
def test_what_was_not_given_up_is_not_found(db: Session, *, names_run: bool) -> None:
    run_id = db.new_run()
    (message,) = db.messages(run_id)
    with db.refused("WF404", entity="message"):
        if names_run:
            _requeue(db, run_id=run_id)
        else:
            _requeue(db, message["message_id"])


def test_one_id_in_two_runs_needs_the_run(db: Session) -> None:
    first, _ = _early(db, message_id="msg_1")
    second, _ = _early(db, message_id="msg_1")
    with db.refused("WF400", argument="run id", run_ids=sorted([first, second])):
        _requeue(db, "msg_1")
    assert [m["run_id"] for m in _requeue(db, "msg_1", second)] == [second]


def test_something_has_to_be_named(db: Session) -> None:
    with db.refused("WF400", argument="message id"):
        _requeue(db)


def test_what_was_given_up_is_listed_newest_first(db: Session) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    db.new_step(run_id, status="running")
    (delivery,) = db.claim("worker_1")
    _bury(db, delivery, "no luck")
    db.set_clock(timedelta(seconds=1))
    early, message_id = _early(db)

    absent, step = db.call("list_buried")
    assert (absent["run_id"], absent["message_id"]) == (early, message_id)
    assert (absent["run_status"], absent["step_id"]) == (None, None)
    assert absent["serves"] == WORKFLOW
    assert (step["kind"], step["step_id"]) == ("step", "step_1")
    assert (step["worker_id"], step["last_error"]) == ("worker_1", "no luck")
    assert (step["attempt"], step["run_status"]) == (1, "running")


def test_pages_miss_nothing_where_times_are_equal(db: Session) -> None:
    db.set_clock(db.now())
    expected = {_early(db) for _ in range(5)}
    seen: list[tuple[str, str]] = []
    page = db.call("list_buried", limit=2)
    while page:
        seen += [(row["run_id"], row["message_id"]) for row in page]
        last = page[-1]
        page = db.call(
            "list_buried",
            limit=2,
            before=last["buried_at"],
            before_run_id=last["run_id"],
            before_message_id=last["message_id"],
        )
    assert len(seen) == 5
    assert set(seen) == expected


@pytest.mark.parametrize("limit", [None, 0, 1001])
def test_a_page_has_a_size(db: Session, limit: int | None) -> None:
    for function in ("list_buried", "list_all_hooks"):
        with db.refused("WF400", argument="limit"):
            db.call(function, limit=limit)
