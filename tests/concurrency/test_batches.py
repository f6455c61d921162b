"""Batches meet single appends, each other, and the end of their backend."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.batches.calls import Entry, batch, statuses
from tests.concurrency.fold import assert_sound
from tests.concurrency.sessions import PATIENCE, Rival
from tests.support import (
    SET_BY_API,
    STEP,
    WORKFLOW,
    Row,
    Session,
    connect,
    new_run_id,
)

Open = Callable[[], Rival]

_PAST = {"resumeAt": "2001-01-01T00:00:00Z"}
TABLES = {
    "events": Identifier("workflow_pg", "events"),
    "messages": Identifier("workflow_pg_private", "messages"),
    "append_keys": Identifier("workflow_pg_private", "append_keys"),
}


def _prepared(db: Session) -> str:
    run_id = db.new_run()
    db.new_step(run_id, "step_1", "running")
    db.append(run_id, "hook_created", "hook_1", facts={"token": "a token"})
    db.append(run_id, "wait_created", "wait_1", facts=_PAST)
    return run_id


def _batch(db: Session, run_id: str) -> list[Row]:
    entries = [
        Entry("step_completed", "step_1", payload=b"out"),
        Entry("step_created", "step_2", payload=b"in"),
        Entry("step_completed", "absent"),
        Entry("wait_completed", "wait_1"),
        Entry("run_completed", payload=b"out"),
    ]
    return batch(db, run_id, entries, dedup_key="k")


def _steps(db: Session, run_id: str) -> list[Row]:
    ids = ["step_2", "step_3"]
    told: dict[str, Any] = {"step_ids": ids, "step_names": [STEP] * 2, "dedup_key": "k"}
    return db.call("create_steps", run_id=run_id, **told)


def _advance(db: Session, run_id: str) -> list[Row]:
    told: dict[str, Any] = {"next_step_id": "step_2", "next_step_name": STEP}
    told |= {"result": b"out", "next_input": b"in", "dedup_key": "k"}
    return db.call("advance", run_id=run_id, step_id="step_1", **told)


def _runs(db: Session, _: str) -> list[Row]:
    run_ids = [new_run_id(), new_run_id()]
    told: dict[str, Any] = {"workflow_names": [WORKFLOW] * 2, "inputs": [b"", b""]}
    return db.call("create_runs", run_ids=run_ids, **told)


def _cancel(db: Session, run_id: str) -> list[Row]:
    return db.call("cancel_runs", run_ids=[run_id], reason="closed")


def _waits(db: Session, run_id: str) -> list[Row]:
    return db.call("complete_elapsed_waits", run_id=run_id)


CALLS = {c.__name__: c for c in (_batch, _steps, _advance, _runs, _cancel, _waits)}
_KEYLESS = {"_runs", "_cancel", "_waits"}
_CASES = [
    (call, table)
    for call in CALLS
    for table in TABLES
    if table != "append_keys" or call not in _KEYLESS
]


@pytest.mark.parametrize(("name", "table"), _CASES)
def test_a_call_that_is_killed_has_done_nothing(
    db: Session, rival: Open, name: str, table: str
) -> None:
    run_id, call = _prepared(db), CALLS[name]
    holder, victim = rival(), rival()
    with holder.open():
        lock = SQL("lock table {} in share mode").format(TABLES[table])
        holder.session.conn.execute(lock)
        with db.nothing_written():
            victim.terminate(victim.blocked(lambda s: call(s, run_id)))
    assert call(db, run_id)
    assert_sound(db, run_id)


def test_a_batch_waits_for_the_writer_before_it_and_sees_what_it_wrote(
    db: Session, rival: Open
) -> None:
    run_id = _prepared(db)
    first, second = rival(), rival()
    with first.open():
        first.session.append(run_id, "step_completed", "step_1")
        call = second.blocked(lambda s: _batch(s, run_id))
    assert statuses(call.result(PATIENCE)) == [409, 200, 404, 200, 200]


def test_a_repeat_that_is_sent_while_the_first_is_open_gets_its_outcomes(
    db: Session, rival: Open
) -> None:
    run_id = _prepared(db)
    first, second = rival(), rival()
    with first.open():
        outcomes = _batch(first.session, run_id)
        call = second.blocked(lambda s: _batch(s, run_id))
    again = call.result(PATIENCE)
    assert statuses(again) == statuses(outcomes)
    assert [o["seq"] for o in again] == [o["seq"] for o in outcomes]


def test_positions_are_consecutive_among_single_appends(db: Session) -> None:
    run_id = db.new_run()

    def write_batches() -> list[list[int]]:
        with connect(db.dsn) as session:
            return [
                [
                    outcome["seq"]
                    for outcome in batch(
                        session,
                        run_id,
                        [Entry("step_created", f"b{n} {m}") for m in range(7)],
                    )
                ]
                for n in range(20)
            ]

    def write_singles(writer: int) -> None:
        with connect(db.dsn) as session:
            for n in range(60):
                session.new_step(run_id, f"s{writer} {n}")

    with ThreadPoolExecutor(3) as threads:
        batches = threads.submit(write_batches)
        singles = [threads.submit(write_singles, writer) for writer in range(2)]
        for single in singles:
            single.result(PATIENCE)
        for seqs in batches.result(PATIENCE):
            assert seqs == list(range(seqs[0], seqs[0] + 7))
    assert len(db.log(run_id)) == 2 + 20 * 7 + 2 * 60
    assert_sound(db, run_id)


def _is_completed(session: Session, run_id: str) -> bool:
    try:
        session.append(run_id, "run_completed", payload=b"")
    except psycopg.Error as error:
        if error.sqlstate != "WF409":
            raise
        return False
    return True


def test_five_hundred_runs_are_cancelled_while_they_complete(db: Session) -> None:
    run_ids = [new_run_id() for _ in range(500)]
    told: dict[str, Any] = {"workflow_names": [WORKFLOW] * 500, "inputs": [b""] * 500}
    db.call("create_runs", run_ids=run_ids, **told)
    for run_id in run_ids[::50]:
        db.append(run_id, "hook_created", "h", facts={"token": run_id})

    def complete(seed: int) -> set[str]:
        mine = random.Random(seed).sample(run_ids, 300)
        won: set[str] = set()
        with connect(db.dsn) as session:
            for run_id in mine:
                if _is_completed(session, run_id):
                    won.add(run_id)
        return won

    def cancel(ids: list[str]) -> list[Row]:
        with connect(db.dsn) as session:
            return session.call("cancel_runs", run_ids=ids, reason="closed")

    with ThreadPoolExecutor(4) as threads:
        completions = [threads.submit(complete, seed) for seed in (1, 2)]
        calls = [threads.submit(cancel, ids) for ids in (run_ids, run_ids[::-1])]
        completed = set[str]().union(*(c.result(PATIENCE) for c in completions))
        outcomes = [c.result(PATIENCE) for c in calls]

    final = {
        run["run_id"]: run["status"] for run in db.call("get_runs", run_ids=run_ids)
    }
    assert {i for i, status in final.items() if status == "completed"} == completed
    cancelled = [
        o["run_id"] for call in outcomes for o in call if o["outcome"] == "cancelled"
    ]
    assert sorted(cancelled) == sorted(set(run_ids) - completed)
    for call in outcomes:
        told_of = {o["run_id"]: o["run_status"] for o in call}
        assert told_of == final
    assert db.value("select count(*) from workflow_pg_private.hook_tokens") == 0
    for run_id in run_ids[::50]:
        assert_sound(db, run_id)


def test_two_who_create_the_same_runs_create_each_once(db: Session) -> None:
    run_ids = [new_run_id() for _ in range(300)]

    def create(ids: list[str]) -> list[int]:
        told: dict[str, Any] = {"workflow_names": [WORKFLOW] * 300}
        with connect(db.dsn) as session:
            outcomes = session.call(
                "create_runs", run_ids=ids, inputs=[b""] * 300, **told
            )
        return statuses(outcomes)

    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(create, run_ids)
        other = threads.submit(create, run_ids[::-1])
        found = [*one.result(PATIENCE), *other.result(PATIENCE)]
    assert (found.count(200), found.count(409)) == (300, 300)
    assert len(db.call("list_runs", limit=1000)) == 300


@pytest.mark.parametrize("version", [7, 1])
def test_a_run_that_is_created_while_others_are_waited_for_is_not_cancelled(
    db: Session, rival: Open, version: int
) -> None:
    there, later = sorted([new_run_id(), new_run_id()])
    db.new_run(run_id=there)
    writer, canceller = rival(), rival()
    with writer.open():
        writer.session.append(there, "attr_set", facts=SET_BY_API)
        call = canceller.blocked(
            lambda s: s.call("cancel_runs", run_ids=[there, later])
        )
        db.new_run("pending", run_id=later)
        db.do(
            "update workflow_pg.runs set spec_version = %s where run_id = %s",
            *(version, later),
        )
    told = {o["run_id"]: o["outcome"] for o in call.result(PATIENCE)}
    assert told == {there: "cancelled", later: "not_found"}
    assert db.types(later) == ["run_created"]
    (run,) = db.call("get_run", run_id=later)
    assert run["status"] == "pending"
