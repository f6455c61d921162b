"""A message that is given up takes its step or its run with it, by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import WORKFLOW, Row, Session, new_run_id


def _bury(db: Session, delivery: Row, error: str | None = "why", **told: Any) -> None:
    names = ("run_id", "message_id", "lease_token")
    lease = {name: delivery[name] for name in names}
    db.call("bury_message", **lease, error=error, **told)


def _step_of(deliveries: list[Row]) -> Row:
    return next(m for m in deliveries if m["kind"] == "step")


@pytest.mark.parametrize("kind", ["wake", "hook", "custom", "start"])
def test_a_replay_that_is_given_up_fails_its_run(db: Session, kind: str) -> None:
    if kind == "start":
        # Sent for an absent run that was created meanwhile.
        run_id = new_run_id()
        queue = f"__wkf_workflow_{WORKFLOW}"
        db.call("send_message", run_id=run_id, kind=kind, body=b"x", queue_name=queue)
        db.new_run(run_id=run_id)
        db.do("delete from workflow_pg_private.messages where kind = 'wake'")
    else:
        run_id = db.new_run()
        if kind != "wake":
            db.quiet(run_id)
            db.call("send_message", run_id=run_id, kind=kind, body=b"x")
    (delivery,) = db.claim()
    db.call("send_message", run_id=run_id, kind="wake")

    _bury(db, delivery, "delivered too often")

    (run,) = db.call("get_run", run_id=run_id)
    assert (run["status"], run["error_codec"]) == ("failed", "json")
    assert run["error_code"] == "MAX_DELIVERIES_EXCEEDED"
    assert json.loads(run["error"]) == {
        "name": "MaxDeliveriesExceeded",
        "message": "delivered too often",
    }
    (message,) = db.messages(run_id)
    assert message["message_id"] == delivery["message_id"]
    assert message["last_error"] == "delivered too often"
    assert message["buried_at"] is not None
    assert (message["lease_token"], message["lease_until"]) == (None, None)


def test_a_step_that_is_given_up_fails_and_wakes_its_run(db: Session) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    db.new_step(run_id, status="running")
    (delivery,) = db.claim()

    _bury(db, delivery, "delivered too often")

    (step,) = db.call("get_step", run_id=run_id, step_id="step_1")
    assert (step["status"], step["error_codec"]) == ("failed", "json")
    assert json.loads(step["error"])["name"] == "MaxDeliveriesExceeded"
    (run,) = db.call("get_run", run_id=run_id)
    assert run["status"] == "running"
    kinds = {m["kind"]: m["buried_at"] is None for m in db.messages(run_id)}
    assert kinds == {"step": False, "wake": True}


def test_the_error_has_the_name_and_code_that_were_given(db: Session) -> None:
    run_id = db.new_run()
    (delivery,) = db.claim()
    _bury(db, delivery, error_name="Unsupported", error_code="RUNTIME_ERROR")
    (run,) = db.call("get_run", run_id=run_id)
    assert run["error_code"] == "RUNTIME_ERROR"
    assert json.loads(run["error"])["name"] == "Unsupported"


@pytest.mark.parametrize("error", ["\n  traceback", "\x1b[31mred", "é" * 3000, "\t"])
def test_any_text_will_do_as_an_error(db: Session, error: str) -> None:
    run_id = db.new_run()
    (delivery,) = db.claim()
    _bury(db, delivery, error)
    (run,) = db.call("get_run", run_id=run_id)
    assert json.loads(run["error"])["message"] == error


def test_an_error_is_shortened_and_not_refused(db: Session) -> None:
    run_id = db.new_run()
    (delivery,) = db.claim()
    long = "\x01" * (17 * 1024 * 1024)
    _bury(db, delivery, long, error_name=long, error_code=long)
    (run,) = db.call("get_run", run_id=run_id)
    assert json.loads(run["error"]) == {"name": long[:255], "message": long[:65536]}
    assert run["error_code"] == long[:255]
    assert db.messages(run_id)[0]["last_error"] == long[:1000]


@pytest.mark.parametrize("error", [None, ""])
def test_an_error_is_needed(db: Session, error: str | None) -> None:
    db.new_run()
    (delivery,) = db.claim()
    with db.refused("WF400", argument="error"):
        _bury(db, delivery, error)


def test_a_run_that_is_over_stays_as_it_is(db: Session) -> None:
    run_id = db.new_run()
    (delivery,) = db.claim()
    db.append(run_id, "run_completed", payload=b"out")
    before = db.types(run_id)
    _bury(db, delivery)
    assert db.types(run_id) == before
    assert [m["buried_at"] is not None for m in db.messages(run_id)] == [True]


def test_a_step_that_is_over_stays_as_it_is(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status="running")
    delivery = _step_of(db.claim())
    db.append(run_id, "step_completed", "step_1")
    before = db.types(run_id)
    _bury(db, delivery)
    assert db.types(run_id) == before


def test_a_step_that_is_over_wakes_its_run_when_its_dispatch_is_given_up(
    db: Session,
) -> None:
    run_id = db.new_run()
    hook = {"facts": {"token": "t"}, "wake": False}
    db.append(run_id, "hook_created", "hook_1", **hook)
    db.quiet(run_id)
    db.new_step(run_id, status="running")
    (delivery,) = db.claim()
    token = delivery["lease_token"]
    db.append(run_id, "step_completed", "step_1", lease_token=token)
    # Its worker was to wake the run, and died; so did the next one.
    _bury(db, delivery)
    assert [m["kind"] for m in db.claim()] == ["wake"]


def test_a_running_step_of_a_run_that_is_over_still_fails(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status="running")
    delivery = _step_of(db.claim())
    db.append(run_id, "run_cancelled")
    _bury(db, delivery)
    assert db.types(run_id)[-2:] == ["run_cancelled", "step_failed"]


def test_a_waiting_step_of_a_run_that_is_over_stays_as_it_is(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    delivery = _step_of(db.claim())
    db.append(run_id, "run_cancelled")
    _bury(db, delivery)
    assert db.types(run_id)[-1] == "run_cancelled"


def test_a_message_of_an_absent_run_is_only_buried(db: Session) -> None:
    run_id = new_run_id()
    db.call(
        "send_message",
        run_id=run_id,
        kind="start",
        body=b"x",
        queue_name="__wkf_workflow_w",
    )
    (delivery,) = db.claim(workflows=["w"])
    _bury(db, delivery)
    assert db.log(run_id) == []
    assert [m["buried_at"] is not None for m in db.messages(run_id)] == [True]


def test_a_buried_dispatch_makes_room_for_another(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    delivery = _step_of(db.claim())
    db.do(
        "update workflow_pg_private.messages"
        "   set buried_at = now(), lease_token = null, lease_until = null"
        " where message_id = %s",
        delivery["message_id"],
    )
    (sent,) = db.call("send_message", run_id=run_id, kind="step", step_id="step_1")
    assert sent["send_message"] != delivery["message_id"]
