"""Runs that nothing would wake: found, mended after their grace, explained."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.support import LATER, STEP, WORKFLOW, Session

_PLANTED = pytest.mark.plants_unwakeable("plants each kind of run that nothing wakes")
_NO_GRACE = {"grace": timedelta(0)}


def _run_without_anything(db: Session) -> tuple[str, str, str]:
    run_id = db.new_run()
    db.quiet(run_id)
    return run_id, "run", run_id


def _step_without_dispatch(db: Session) -> tuple[str, str, str]:
    run_id = db.new_run()
    db.new_step(run_id)
    db.do("delete from workflow_pg_private.messages where step_id = 'step_1'")
    return run_id, "step", "step_1"


def _wait_woken_for_nothing(db: Session) -> tuple[str, str, str]:
    run_id = db.new_run()
    db.append(run_id, "wait_created", "wait_1", facts={"resumeAt": LATER})
    db.new_step(run_id)
    db.do("update workflow_pg.waits set is_woken = true")
    db.do("delete from workflow_pg_private.messages where kind = 'wake'")
    return run_id, "wait", "wait_1"


_KINDS = [_run_without_anything, _step_without_dispatch, _wait_woken_for_nothing]
Plant = Callable[[Session], tuple[str, str, str]]


def _found(db: Session) -> list[tuple[str, str, str]]:
    rows = db.call("unwakeable_runs")
    return [(row["run_id"], row["violation"], row["entity_id"]) for row in rows]


@_PLANTED
@pytest.mark.parametrize("plant", _KINDS)
def test_a_planted_violation_is_found(db: Session, plant: Plant) -> None:
    assert _found(db) == []
    planted = plant(db)
    assert _found(db) == [planted]


@pytest.mark.parametrize("plant", _KINDS)
def test_a_planted_violation_is_mended_after_its_grace(
    db: Session, plant: Plant
) -> None:
    run_id, violation, _ = plant(db)
    with db.nothing_written():
        (nothing,) = db.call("maintain")
    assert (nothing["woken"], nothing["redispatched"]) == (0, 0)

    db.set_clock(timedelta(seconds=11))
    (mended,) = db.call("maintain")

    is_step = violation == "step"
    assert (mended["woken"], mended["redispatched"]) == (not is_step, is_step)
    assert mended["next_after"] is None
    assert _found(db) == []
    claimed = [m for m in db.claim() if m["run_id"] == run_id]
    assert ("step" if is_step else "wake") in {m["kind"] for m in claimed}


@_PLANTED
def test_a_buried_message_wakes_nobody(db: Session) -> None:
    run_id = db.new_run()
    db.do("update workflow_pg_private.messages set buried_at = now()")
    assert _found(db) == [(run_id, "run", run_id)]


@_PLANTED
def test_a_hook_of_the_system_wakes_nobody(db: Session) -> None:
    run_id = db.new_run()
    facts = {"token": "t", "isSystem": True}
    db.append(run_id, "hook_created", "hook_1", facts=facts)
    db.quiet(run_id)
    assert _found(db) == [(run_id, "run", run_id)]


@_PLANTED
def test_a_step_whose_dispatch_is_buried_has_none(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    db.do(
        "update workflow_pg_private.messages set buried_at = now() where kind = 'step'"
    )
    assert _found(db) == [(run_id, "step", "step_1")]


def test_a_hook_may_wake_its_run_some_day(db: Session) -> None:
    run_id = db.new_run()
    db.append(run_id, "hook_created", "hook_1", facts={"token": "t"})
    db.quiet(run_id)
    assert _found(db) == []


def test_a_sleep_wakes_its_run_some_day(db: Session) -> None:
    run_id = db.new_run()
    db.append(run_id, "wait_created", "wait_1", facts={"resumeAt": LATER})
    db.quiet(run_id)
    assert _found(db) == []


@pytest.mark.parametrize("what", ["leased", "expired", "delayed", "unserved"])
def test_a_message_wakes_its_run_whatever_it_waits_for(db: Session, what: str) -> None:
    run_id = db.new_run()
    if what in {"leased", "expired"}:
        db.claim()
        db.set_clock(timedelta(hours=what == "expired"))
    elif what == "delayed":
        db.quiet(run_id)
        delay = timedelta(days=1)
        db.call("send_message", run_id=run_id, kind="wake", delay=delay)
    assert _found(db) == []


@pytest.mark.parametrize("end", ["run_completed", "run_failed", "run_cancelled"])
def test_a_final_run_needs_no_wake(db: Session, end: str) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "step_1", "running")
    db.append(run_id, "wait_created", "wait_1", facts={"resumeAt": LATER})
    db.append(run_id, end)
    assert db.messages(run_id) == []
    assert _found(db) == []


def test_the_walk_goes_page_by_page(db: Session) -> None:
    runs = sorted(_run_without_anything(db)[0] for _ in range(7))
    pages: list[tuple[str | None, int]] = []
    after: str | None = ""
    while after is not None:
        (page,) = db.call("maintain", after=after, limit=3, **_NO_GRACE)
        after = page["next_after"]
        pages.append((after, page["woken"]))
    assert pages == [(runs[2], 3), (runs[5], 3), (None, 1)]
    assert _found(db) == []


def test_a_page_has_its_keys_and_its_runs(db: Session) -> None:
    final: list[str] = []
    for _ in range(5):
        final.append(db.new_run())
        db.append(final[-1], "run_completed", dedup_key="key")
    db.set_clock(timedelta(hours=2))
    after: str | None = ""
    forgotten: list[int] = []
    while after is not None:
        (page,) = db.call("maintain", after=after, limit=2)
        after = page["next_after"]
        forgotten.append(page["forgotten"])
    assert sum(forgotten) == 5
    assert max(forgotten) <= 2
    assert db.rows("select * from workflow_pg_private.append_keys") == []


def test_what_wakes_already_is_left_alone(db: Session) -> None:
    for _ in range(3):
        db.new_step(db.new_run())
    with db.nothing_written():
        db.call("maintain", **_NO_GRACE)


@pytest.mark.parametrize("limit", [0, 1001, None])
def test_a_malformed_page_is_refused(db: Session, limit: int | None) -> None:
    with db.refused("WF400", argument="limit"):
        db.call("maintain", limit=limit)


@pytest.mark.parametrize("grace", [timedelta(seconds=-1), timedelta.max, None])
def test_a_malformed_grace_is_refused(db: Session, grace: timedelta | None) -> None:
    with db.refused("WF400", argument="grace"):
        db.call("maintain", grace=grace)


def _causes(db: Session, run_id: str) -> dict[str, str]:
    return {row["cause"]: row["sentence"] for row in db.call("why", run_id=run_id)}


def _announce(db: Session, **told: Any) -> None:
    names = {"worker_id": "worker", "workflows": [WORKFLOW], "steps": [STEP]}
    db.call("heartbeat_worker", **{**names, **told})


def test_why_a_message_waits_for_a_worker(db: Session) -> None:
    run_id = db.new_run()
    told = f"no live worker serves {WORKFLOW} in deployment default"
    assert _causes(db, run_id) == {"unserved": told}
    _announce(db)
    assert _causes(db, run_id) == {
        "queued": "a replay is queued and waits for a free worker"
    }
    db.set_clock(timedelta(seconds=16))
    assert _causes(db, run_id) == {"unserved": told}


@pytest.mark.parametrize(
    "told",
    [
        {"workflows": ["another"]},
        {"deployment_id": "another"},
        {"namespace": "another"},
    ],
    ids=str,
)
def test_why_a_worker_does_not_serve(db: Session, told: dict[str, Any]) -> None:
    run_id = db.new_run()
    _announce(db, **told)
    assert _causes(db, run_id).keys() == {"unserved"}


def test_why_a_step_is_not_served(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    _announce(db, steps=[])
    causes = _causes(db, run_id)
    assert causes.keys() == {"queued", "unserved", "step"}
    assert causes["unserved"] == f"no live worker serves {STEP} in deployment default"
    assert causes["step"] == f"step step_1 ({STEP}) is pending after 0 attempts"


def test_why_a_delivery_is_being_handled(db: Session) -> None:
    run_id = db.new_run()
    db.claim()
    assert _causes(db, run_id) == {
        "leased": "worker worker is handling a replay, delivery 1"
    }


def test_why_a_delivery_is_delayed(db: Session) -> None:
    run_id = db.new_run()
    (delivery,) = db.claim()
    names = ("run_id", "message_id", "lease_token")
    lease = {name: delivery[name] for name in names}
    db.call("nack_message", error="no disk", **lease)
    sentence = _causes(db, run_id)["delayed"]
    assert sentence.startswith("a replay is due at ")
    assert sentence.endswith("; its last delivery failed: no disk")


def test_why_a_delivery_was_given_up(db: Session) -> None:
    run_id = db.new_run()
    (delivery,) = db.claim()
    names = ("run_id", "message_id", "lease_token")
    lease = {name: delivery[name] for name in names}
    db.call("bury_message", error="no disk", **lease)
    causes = _causes(db, run_id)
    assert causes["buried"] == f"message {delivery['message_id']} was given up: no disk"
    assert causes["final"] == "the run is failed"


def test_why_a_run_sleeps_or_waits_for_the_world(db: Session) -> None:
    run_id = db.new_run()
    facts = {"resumeAt": LATER, "token": "order 4711"}
    db.append(run_id, "wait_created", "wait_1", facts=facts)
    db.append(run_id, "hook_created", "hook_1", facts=facts)
    db.append(run_id, "hook_created", "hook_2", facts={"token": "x", "isSystem": True})
    db.quiet(run_id)
    assert _causes(db, run_id) == {
        "wait": "wait wait_1 sleeps until 2999-01-01T00:00:00.000000Z",
        "hook": "hook hook_1 waits to be resumed by token 'order 4711'",
    }


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_why_a_run_that_is_over_does_not_move(db: Session, status: str) -> None:
    run_id = db.new_run("pending")
    db.new_step(run_id)
    db.append(run_id, f"run_{status}")
    assert _causes(db, run_id) == {"final": f"the run is {status}"}


def test_why_needs_a_run(db: Session) -> None:
    with db.refused("WF404", entity="run", id="wrun_x"):
        db.call("why", run_id="wrun_x")
