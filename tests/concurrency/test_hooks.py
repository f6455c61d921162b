"""Sessions that want one token, one hook, or a hook and the end of its run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.concurrency.sessions import Rival, outcome
from tests.support import Session

Open = Callable[[], Rival]

TOKEN = {"token": "one-token"}


def test_of_ten_runs_one_gets_the_token(db: Session, rival: Open) -> None:
    runs = [db.new_run() for _ in range(10)]
    rivals = [rival() for _ in runs]
    (first, *others), (holder, *losers) = rivals, runs
    with first.open():
        first.session.append(holder, "hook_created", "hook_1", facts=TOKEN)
        calls = [
            other.blocked(
                lambda s, run_id=run_id: s.append(
                    run_id, "hook_created", "hook_1", facts=TOKEN
                )
            )
            for other, run_id in zip(others, losers, strict=True)
        ]
    assert [outcome(call) for call in calls] == ["hook_conflict"] * 9
    assert {call.result()["conflicting_run_id"] for call in calls} == {holder}
    for run_id in losers:
        conflict = db.log(run_id)[-1]
        assert conflict["event_type"] == "hook_conflict"
        assert conflict["facts"] == {"token": "one-token", "conflictingRunId": holder}
    (hook,) = db.call("get_hook_by_token", token="one-token")
    assert hook["run_id"] == holder


def test_two_hooks_of_one_run_race_for_a_token(db: Session, rival: Open) -> None:
    run_id = db.new_run()
    first, second = rival(), rival()
    with first.open():
        first.session.append(run_id, "hook_created", "hook_1", facts=TOKEN)
        call = second.blocked(
            lambda s: s.append(run_id, "hook_created", "hook_2", facts=TOKEN)
        )
    assert outcome(call) == "hook_conflict"
    assert call.result()["conflicting_run_id"] == run_id


@pytest.mark.parametrize(
    ("release", "correlation_id"),
    [
        ("hook_disposed", "hook_1"),
        ("run_completed", None),
        ("run_failed", None),
        ("run_cancelled", None),
    ],
)
def test_a_claim_that_waits_for_the_holder_gets_what_it_gives_up(
    db: Session, rival: Open, release: str, correlation_id: str | None
) -> None:
    holder, other = db.new_run(), db.new_run()
    db.append(holder, "hook_created", "hook_1", facts=TOKEN)
    first, second = rival(), rival()
    with first.open():
        first.session.append(holder, release, correlation_id)
        call = second.blocked(
            lambda s: s.append(other, "hook_created", "hook_1", facts=TOKEN)
        )
    assert outcome(call) == "hook_created"
    (hook,) = db.call("get_hook_by_token", token="one-token")
    assert hook["run_id"] == other


def test_a_claim_whose_holder_never_was_gets_the_token(
    db: Session, rival: Open
) -> None:
    holder, other = db.new_run(), db.new_run()
    first, second = rival(), rival()
    first.session.do("begin")
    first.session.append(holder, "hook_created", "hook_1", facts=TOKEN)
    call = second.blocked(
        lambda s: s.append(other, "hook_created", "hook_1", facts=TOKEN)
    )
    first.session.do("rollback")
    assert outcome(call) == "hook_created"
    assert db.types(holder) == ["run_created", "run_started"]


def test_a_disposal_waits_for_a_claim_that_it_makes_conflict(
    db: Session, rival: Open
) -> None:
    holder, other = db.new_run(), db.new_run()
    db.append(holder, "hook_created", "hook_1", facts=TOKEN)
    first, second = rival(), rival()
    with first.open():
        reply = first.session.append(other, "hook_created", "hook_1", facts=TOKEN)
        call = second.blocked(lambda s: s.append(holder, "hook_disposed", "hook_1"))
    assert reply["event_type"] == "hook_conflict"
    assert outcome(call) == "hook_disposed"
    assert (
        db.append(other, "hook_created", "hook_2", facts=TOKEN)["event_type"]
        == "hook_created"
    )


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("hook_received", "hook_disposed", "hook_disposed"),
        ("hook_disposed", "hook_received", "WF404"),
        ("hook_received", "run_completed", "run_completed"),
        ("run_completed", "hook_received", "WF404"),
        ("run_cancelled", "hook_received", "WF404"),
        ("hook_disposed", "hook_disposed", "WF409"),
        ("hook_received", "hook_received", "hook_received"),
        ("run_completed", "hook_created", "WF409"),
    ],
)
def test_nothing_is_received_after_disposal_or_the_end(
    db: Session, rival: Open, one: str, other: str, expected: str
) -> None:
    run_id = db.new_run()
    db.append(run_id, "hook_created", "hook_1", facts=TOKEN)
    before = db.types(run_id)

    def act(session: Session, event: str) -> dict[str, object]:
        hook_id = "hook_1" if event.startswith("hook") else None
        return session.append(run_id, event, hook_id, facts=TOKEN, payload=b"x")

    first, second = rival(), rival()
    with first.open():
        act(first.session, one)
        call = second.blocked(lambda s: act(s, other))
    assert outcome(call) == expected
    appended = [one, other] if expected == other else [one]
    assert db.types(run_id) == [*before, *appended]


def test_of_two_runs_that_want_a_token_whose_time_is_over_one_gets_it(
    db: Session, rival: Open
) -> None:
    until = (db.now() + timedelta(hours=1)).isoformat()
    old, *others = (db.new_run() for _ in range(3))
    retained = {**TOKEN, "tokenRetentionUntil": until}
    db.append(old, "hook_created", "hook_1", facts=retained)
    db.append(old, "run_completed")
    db.set_clock(timedelta(hours=2))
    first, second = rival(), rival()
    with first.open():
        reply = first.session.append(others[0], "hook_created", "hook_1", facts=TOKEN)
        call = second.blocked(
            lambda s: s.append(others[1], "hook_created", "hook_1", facts=TOKEN)
        )
    assert reply["event_type"] == "hook_created"
    assert outcome(call) == "hook_conflict"
    assert call.result()["conflicting_run_id"] == others[0]


def test_a_token_whose_time_is_over_is_claimed_while_its_hook_is_disposed(
    db: Session, rival: Open
) -> None:
    until = (db.now() + timedelta(hours=1)).isoformat()
    old, other = db.new_run(), db.new_run()
    retained = {**TOKEN, "tokenRetentionUntil": until}
    db.append(old, "hook_created", "hook_1", facts=retained)
    db.append(old, "run_completed")
    db.set_clock(timedelta(hours=2))
    first, second = rival(), rival()
    with first.open():
        first.session.append(old, "hook_disposed", "hook_1")
        call = second.blocked(
            lambda s: s.append(other, "hook_created", "hook_1", facts=TOKEN)
        )
    assert outcome(call) == "hook_created"
    assert db.call("verify_run", run_id=old) == []
