"""Two sessions that move one step, one sleep or one dedup key at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.concurrency.sessions import Rival, outcome
from tests.support import LATER, STEP, Session

Open = Callable[[], Rival]

FACTS: dict[str, Any] = {"stepName": STEP, "token": "t", "resumeAt": LATER}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("step_completed", "step_completed", "WF409"),
        ("step_completed", "step_failed", "WF409"),
        ("step_failed", "step_completed", "WF409"),
        ("step_completed", "step_started", "WF409"),
        ("step_started", "step_completed", "step_completed"),
        ("step_retrying", "step_completed", "step_completed"),
        ("step_completed", "step_retrying", "WF409"),
        ("step_started", "step_started", "step_started"),
        ("run_completed", "step_started", "WF410"),
        ("run_completed", "step_completed", "step_completed"),
        ("run_cancelled", "step_created", "WF409"),
    ],
)
def test_the_second_decides_on_what_the_first_left(
    db: Session, rival: Open, one: str, other: str, expected: str
) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status="running")
    before = db.types(run_id)
    first, second = rival(), rival()
    with first.open():
        step_id = None if one.startswith("run") else "step_1"
        first.session.append(run_id, one, step_id)
        call = second.blocked(lambda s: s.append(run_id, other, "step_1", facts=FACTS))
    assert outcome(call) == expected
    appended = [one, other] if expected == other else [one]
    assert db.types(run_id) == [*before, *appended]


@pytest.mark.parametrize("event", ["step_created", "hook_created", "wait_created"])
def test_an_id_is_created_once(db: Session, rival: Open, event: str) -> None:
    run_id = db.new_run()
    first, second = rival(), rival()
    with first.open():
        first.session.append(run_id, event, "id_1", facts=FACTS)
        call = second.blocked(lambda s: s.append(run_id, event, "id_1", facts=FACTS))
    assert outcome(call) == "WF409"
    assert db.types(run_id) == ["run_created", "run_started", event]


@pytest.mark.parametrize(
    ("one", "expected"), [("wait_completed", "WF409"), ("run_completed", "WF409")]
)
def test_a_wait_is_completed_once_and_not_after_its_run(
    db: Session, rival: Open, one: str, expected: str
) -> None:
    run_id = db.new_run()
    db.append(run_id, "wait_created", "wait_1", facts=FACTS)
    first, second = rival(), rival()
    with first.open():
        wait_id = "wait_1" if one == "wait_completed" else None
        first.session.append(run_id, one, wait_id)
        call = second.blocked(lambda s: s.append(run_id, "wait_completed", "wait_1"))
    assert outcome(call) == expected
    assert db.types(run_id).count("wait_completed") == (one == "wait_completed")


_KEYED = [
    *("run_created", "run_completed", "run_failed"),
    *("step_created", "step_started", "step_retrying", "step_completed", "step_failed"),
    *("hook_created", "hook_received", "hook_disposed"),
    *("wait_created", "wait_completed"),
]


def _prepared(db: Session, event: str) -> tuple[str, str | None]:
    """A run in which an event is legal, and the event's correlation id."""
    run_id = db.new_run()
    kind = event.partition("_")[0]
    if not event.endswith("created"):
        if kind == "step":
            db.new_step(run_id, "step_1", "running")
        elif kind != "run":
            db.append(run_id, f"{kind}_created", f"{kind}_1", facts=FACTS)
    if event == "run_created":
        for table in ("runs", "events"):
            db.do(f"delete from workflow_pg.{table} where run_id = %s", run_id)
        db.quiet(run_id)
    return run_id, None if kind == "run" else f"{kind}_1"


@pytest.mark.parametrize("event", _KEYED)
def test_a_call_made_twice_at_once_is_made_once(
    db: Session, rival: Open, event: str
) -> None:
    run_id, correlation_id = _prepared(db, event)
    facts = {**FACTS, "workflowName": "w"}
    told: dict[str, Any] = {"facts": facts, "dedup_key": "key"}
    if event != "step_started":
        told["payload"] = b"x"

    def act(session: Session) -> dict[str, Any]:
        return session.append(run_id, event, correlation_id, **told)

    first, second = rival(), rival()
    with first.open():
        reply = act(first.session)
        call = second.blocked(act)
    assert outcome(call) == "40001"
    log = db.log(run_id)
    assert log[-1]["event_type"] == event
    with db.nothing_written():
        assert act(second.session) == reply


@pytest.mark.parametrize("event", ["run_started", "run_cancelled"])
def test_a_call_that_finds_its_work_done_needs_no_repeat(
    db: Session, rival: Open, event: str
) -> None:
    run_id = db.new_run("pending")
    first, second = rival(), rival()
    with first.open():
        reply = first.session.append(run_id, event, dedup_key="key")
        call = second.blocked(lambda s: s.append(run_id, event, dedup_key="key"))
    assert outcome(call) in {"-", "40001"}
    assert db.types(run_id) == ["run_created", event]
    with db.nothing_written():
        assert second.session.append(run_id, event, dedup_key="key") == reply


@pytest.mark.parametrize(
    ("event", "status", "between", "repeat"),
    [
        ("hook_received", None, "hook_disposed", "hook_1"),
        ("step_started", "pending", "step_completed", "step_1"),
        ("step_retrying", "running", "step_completed", "step_1"),
    ],
)
def test_a_repeat_that_another_call_overtook_is_no_conflict(
    db: Session,
    rival: Open,
    event: str,
    status: str | None,
    between: str,
    repeat: str,
) -> None:
    run_id = db.new_run()
    if status is None:
        db.append(run_id, "hook_created", repeat, facts=FACTS)
    else:
        db.new_step(run_id, repeat, status)

    def act(session: Session) -> dict[str, Any]:
        return session.append(run_id, event, repeat, dedup_key="key")

    first, overtaking, second = rival(), rival(), rival()
    with first.open():
        reply = act(first.session)
        # It waits in front of the repeat, which has not found the key yet.
        ahead = overtaking.blocked(lambda s: s.append(run_id, between, repeat))
        call = second.blocked(act)
    assert outcome(ahead) == between
    assert outcome(call) == "40001"
    assert act(second.session)["seq"] == reply["seq"]
