"""An entry costs what it costs, however many there are, whatever the planner knows.

A plan that compares each entry with each other, or scans a table for each, makes ten
times as many entries a hundred times as dear.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import pytest

from tests.batches.calls import Entry, batch, statuses
from tests.support import STEP, Session, connect, new_run_id

pytestmark = pytest.mark.one_major

FEW, MANY = 500, 5000
TRIES = 3
Act = Callable[[Session, str, Sequence[str]], object]


def _of(event: str) -> Act:
    def act(db: Session, run_id: str, ids: Sequence[str]) -> None:
        outcomes = batch(db, run_id, [Entry(event, entity_id) for entity_id in ids])
        assert set(statuses(outcomes)) == {200}

    return act


def _repeat(db: Session, run_id: str, ids: Sequence[str]) -> None:
    entries = [Entry("step_retrying", step_id) for step_id in ids]
    first = batch(db, run_id, entries, dedup_key=f"k{len(ids)}")
    assert batch(db, run_id, entries, dedup_key=f"k{len(ids)}") == first


def _create_runs(db: Session, _: str, ids: Sequence[str]) -> None:
    run_ids = [new_run_id() for _ in ids]
    told = {"workflow_names": ["w"] * len(ids), "inputs": [b""] * len(ids)}
    assert set(statuses(db.call("create_runs", run_ids=run_ids, **told))) == {200}


def _create_steps(db: Session, run_id: str, ids: Sequence[str]) -> None:
    told = {"step_ids": [f"many {i}" for i in ids], "step_names": [STEP] * len(ids)}
    assert set(statuses(db.call("create_steps", run_id=run_id, **told))) == {200}


ACTS: dict[str, Act] = {
    **{
        event: _of(event) for event in ("step_created", "step_started", "step_retrying")
    },
    "repeat": _repeat,
    **{event: _of(event) for event in ("step_completed", "wait_created")},
    "wait_completed": _of("wait_completed"),
    "create_steps": _create_steps,
    "create_runs": _create_runs,
}


def _cost(db: Session, act: Act, run_id: str, ids: Sequence[str]) -> float:
    """Seconds for each of the ids."""
    began = time.perf_counter()
    act(db, run_id, ids)
    return (time.perf_counter() - began) / len(ids)


def _growth(tries: list[tuple[float, float]]) -> float:
    return min(large for _, large in tries) / min(small for small, _ in tries)


@pytest.mark.parametrize("is_generic", [False, True])
def test_ten_times_as_many_entries_cost_ten_times_as_much(
    dsn: str, *, is_generic: bool
) -> None:
    with connect(dsn) as db:
        # Plans of a session that knew the tables when they were empty, or new ones.
        mode = "force_generic_plan" if is_generic else "auto"
        db.conn.execute(f"set plan_cache_mode = {mode}".encode())
        few = [f"id_{n:06}" for n in range(FEW)]
        many = [f"id_{n:06}" for n in range(MANY)]
        costs: dict[str, list[tuple[float, float]]] = {name: [] for name in ACTS}
        grown: dict[str, float] = {}
        # What else the machine does makes a call slower and never faster.
        for _ in range(TRIES):
            # The first calls make the plans.
            warm, one, other = db.new_run(), db.new_run(), db.new_run()
            for name, act in ACTS.items():
                act(db, warm, few[:10])
                small, large = _cost(db, act, one, few), _cost(db, act, other, many)
                costs[name].append((small, large))
            db.call("cancel_runs", run_ids=[warm, one, other])
            grown = {name: _growth(tries) for name, tries in costs.items()}
            if max(grown.values()) < 3:
                break
        assert max(grown.values()) < 3, grown
