"""Two sessions that move one run at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.concurrency.sessions import Rival, outcome, pause_before, paused
from tests.support import WORKFLOW, Session, new_run_id

Open = Callable[[], Rival]

INPUT: dict[str, Any] = {
    "facts": {"workflowName": WORKFLOW, "deploymentId": "default"},
    "payload": b"in",
}


def _race(first: Rival, second: Rival, one: str, other: str, run_id: str) -> str:
    """What comes of `other`, which waits for `one` to be committed."""
    with first.open():
        first.session.append(run_id, one)
        call = second.blocked(lambda s: s.append(run_id, other))
    return outcome(call)


def test_of_two_starts_one_is_recorded(db: Session, rival: Open) -> None:
    run_id = db.new_run("pending")
    assert _race(rival(), rival(), "run_started", "run_started", run_id) == "-"
    assert db.types(run_id) == ["run_created", "run_started"]


def test_two_starts_agree_when_the_run_started(db: Session, rival: Open) -> None:
    run_id = db.new_run("pending")
    first, second = rival(), rival()
    with first.open():
        (one,) = first.session.call("start_run", run_id=run_id)
        call = second.blocked(lambda s: s.call("start_run", run_id=run_id))
    (other,) = call.result()
    assert other["started_at"] == one["started_at"]
    assert (one["seq"], other["seq"]) == (2, None)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("run_cancelled", "run_started", "WF410"),
        ("run_started", "run_cancelled", "run_cancelled"),
        ("run_completed", "run_cancelled", "WF409"),
        ("run_cancelled", "run_completed", "WF409"),
        ("run_cancelled", "run_cancelled", "-"),
        ("run_failed", "run_cancelled", "WF409"),
        ("run_cancelled", "run_failed", "WF409"),
        ("run_completed", "run_failed", "WF409"),
        ("run_completed", "run_completed", "WF409"),
        ("run_failed", "run_started", "WF410"),
    ],
)
def test_the_second_decides_on_what_the_first_left(
    db: Session, rival: Open, one: str, other: str, expected: str
) -> None:
    run_id = db.new_run("pending")
    assert _race(rival(), rival(), one, other, run_id) == expected
    appended = [one, other] if expected == other else [one]
    assert db.types(run_id) == ["run_created", *appended]
    (run,) = db.rows("select * from workflow_pg.runs where run_id = %s", run_id)
    assert run["last_seq"] == len(appended) + 1
    assert run["outcome_seq"] == run["last_seq"]
    assert run["status"] == appended[-1].removeprefix("run_")


def test_the_second_goes_on_when_the_first_is_rolled_back(
    db: Session, rival: Open
) -> None:
    run_id = db.new_run("pending")
    first, second = rival(), rival()
    first.session.do("begin")
    first.session.append(run_id, "run_cancelled")
    call = second.blocked(lambda s: s.append(run_id, "run_started"))
    first.session.do("rollback")
    assert outcome(call) == "run_started"
    assert db.types(run_id) == ["run_created", "run_started"]


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_run_is_created_once(db: Session, rival: Open, end: str) -> None:
    run_id = new_run_id()
    first, second = rival(), rival()
    first.session.do("begin")
    first.session.append(run_id, "run_created", **INPUT)
    call = second.blocked(lambda s: s.append(run_id, "run_created", **INPUT))
    first.session.do("commit" if end == "commit" else "rollback")
    assert outcome(call) == ("WF409" if end == "commit" else "run_created")
    assert db.types(run_id) == ["run_created"]
    assert len(db.messages(run_id)) == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("run_created", "run_started", "run_started"),
        ("run_started", "run_created", "WF409"),
        ("run_started", "run_started", "-"),
    ],
)
def test_a_resilient_start_and_a_creation_create_one_run(
    db: Session, rival: Open, one: str, other: str, expected: str
) -> None:
    run_id = new_run_id()
    first, second = rival(), rival()
    with first.open():
        first.session.append(run_id, one, **INPUT)
        call = second.blocked(lambda s: s.append(run_id, other, **INPUT))
    assert outcome(call) == expected
    assert db.types(run_id) == ["run_created", "run_started"]
    assert len(db.messages(run_id)) == 1


@pytest.mark.parametrize(
    "event", ["run_started", "run_completed", "run_failed", "run_cancelled"]
)
def test_a_run_created_while_it_is_missed_is_no_inner_error(
    own: Session, rival_of_own: Open, event: str
) -> None:
    pause_before(own, "refuse_run")
    run_id = new_run_id()
    late = rival_of_own()
    with paused(own):
        # Its update has found no run; the reason is looked up after the pause.
        call = late.blocked(lambda s: s.append(run_id, event))
        own.append(run_id, "run_created", **INPUT)
    assert outcome(call) in {"WF404", "40001"}
    assert own.types(run_id) == ["run_created"]
    assert late.session.append(run_id, event)["seq"] == 2


@pytest.mark.parametrize(
    "event",
    [
        *("step_created", "step_started", "step_completed", "hook_received"),
        *("hook_created", "wait_created", "wait_completed"),
    ],
)
def test_a_run_created_while_its_entity_is_refused_is_not_there(
    own: Session, rival_of_own: Open, event: str
) -> None:
    pause_before(own, "refuse_transition")
    run_id = new_run_id()
    facts = {"stepName": "s", "token": "t", "resumeAt": "2999-01-01T00:00:00Z"}
    with paused(own):
        call = rival_of_own().blocked(
            lambda s: s.append(run_id, event, "entity_1", facts=facts)
        )
        own.append(run_id, "run_created", **INPUT)
    assert outcome(call) == "WF404"
    assert own.types(run_id) == ["run_created"]
