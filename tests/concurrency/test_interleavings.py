"""Real sessions meet at random moments, in as many runs as one likes.

Other files of this directory force the order of two calls; here nobody does. What has
to hold is told by the log. WORKFLOW_PG_TEST_INTERLEAVINGS is how often they meet.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.concurrency.meetings import (
    ROUNDS,
    Act,
    event,
    hook,
    logs,
    pending,
    prepared,
    race,
)
from tests.support import LATER, STEP, WORKFLOW, Row, Session, connect, new_run_id

CREATION: dict[str, Any] = {
    "facts": {"workflowName": WORKFLOW, "deploymentId": "default"},
    "payload": b"in",
}
TOKEN = {"token": "one-token"}


def test_starts_and_creations_leave_one_of_each(db: Session) -> None:
    run_ids = [new_run_id() for _ in range(ROUNDS)]
    creation = event("run_created", **CREATION)
    start = event("run_started", **CREATION)
    told = race(db, run_ids, creation, creation, start, start)
    for run_id, log in logs(db).items():
        assert log == ["run_created", "run_started"]
        created, started = sorted(told[run_id][:2]), sorted(told[run_id][2:])
        assert created in (["WF409", "WF409"], ["WF409", "run_created"])
        assert started == ["-", "run_started"]
    ids = db.rows(
        "select distinct left(event_id, 15) as head from workflow_pg.v_events"
    )
    assert [row["head"] for row in ids] == ["evnt_0000000000"]


def test_a_cancelled_run_is_never_running_again(db: Session) -> None:
    run_ids = pending(db)
    told = race(
        db,
        run_ids,
        event("run_started"),
        event("run_started"),
        event("run_cancelled"),
        event("run_completed", payload=b"out"),
    )
    for run_id, log in logs(db).items():
        assert log.count("run_started") <= 1
        (end,) = [e for e in log if e in {"run_cancelled", "run_completed"}]
        assert log[-1] == end
        assert set(told[run_id]) <= {
            *("run_started", "-", "WF410", "run_cancelled", "run_completed", "WF409")
        }
    live = "select count(*) from workflow_pg.runs where completed_at is null"
    assert db.value(live) == 0


def test_no_start_comes_after_the_end_of_its_step(db: Session) -> None:
    step = event("step_created", "step_1", facts={"stepName": STEP}, payload=b"in")
    start = event("step_started", "step_1")
    run_ids = prepared(db, step, start)
    end = event("step_completed", "step_1", payload=b"out")
    told = race(db, run_ids, start, start, end, event("step_failed", "step_1"))
    for run_id, log in logs(db).items():
        assert log[-1] in {"step_completed", "step_failed"}
        assert log.count("step_completed") + log.count("step_failed") == 1
        for answer in told[run_id][:2]:
            assert answer in {"step_started", "WF409"}
    attempts = db.rows(
        "select s.attempt, (select count(*) from workflow_pg.events as e"
        "                    where e.run_id = s.run_id"
        "                      and e.event_type = 'step_started') as starts"
        "  from workflow_pg.steps as s"
    )
    assert all(row["attempt"] == row["starts"] for row in attempts)


@pytest.mark.parametrize(
    "creation",
    [
        event("step_created", "id_1", facts={"stepName": STEP}, payload=b"in"),
        event("wait_created", "id_1", facts={"resumeAt": LATER}),
        hook,
    ],
    ids=["step", "wait", "hook"],
)
def test_an_entity_is_created_once(db: Session, creation: Act) -> None:
    told = race(db, pending(db), *[creation] * 3)
    for run_id, log in logs(db).items():
        assert log == ["run_created", log[1]]
        assert sorted(told[run_id]) == ["WF409", "WF409", log[1]]


def test_a_wait_ends_once(db: Session) -> None:
    run_ids = prepared(db, event("wait_created", "w", facts={"resumeAt": LATER}))
    end = event("wait_completed", "w")
    told = race(db, run_ids, end, end, event("run_completed"))
    for run_id, log in logs(db).items():
        assert log.count("wait_completed") <= 1
        assert log[-1] == "run_completed"
        assert told[run_id].count("wait_completed") == log.count("wait_completed")
        assert set(told[run_id][:2]) <= {"wait_completed", "WF409"}


def test_no_payload_comes_after_the_disposal_of_its_hook(db: Session) -> None:
    run_ids = prepared(db, hook)
    payload = event("hook_received", "id_1", payload=b"p")
    disposal = event("hook_disposed", "id_1")
    told = race(db, run_ids, payload, payload, disposal, disposal)
    for run_id, log in logs(db).items():
        assert log[-1] == "hook_disposed"
        assert log.count("hook_disposed") == 1
        assert set(told[run_id][:2]) <= {"hook_received", "WF404"}
        assert sorted(told[run_id][2:]) == ["WF409", "hook_disposed"]
        assert log.count("hook_received") == told[run_id].count("hook_received")


@pytest.mark.parametrize("end", ["run_completed", "run_failed", "run_cancelled"])
def test_no_payload_comes_after_the_end_of_its_run(db: Session, end: str) -> None:
    run_ids = prepared(db, hook)[: ROUNDS // 2 + 1]
    payload = event("hook_received", "id_1", payload=b"p")
    told = race(db, run_ids, payload, event(end), payload)
    found = logs(db)
    for run_id, answers in told.items():
        assert found[run_id][-1] == end
        assert set(answers) <= {"hook_received", "WF404", end}
    assert db.value("select count(*) from workflow_pg_private.hook_tokens") == (
        ROUNDS - len(run_ids)
    )


def test_a_token_has_one_holder_among_twelve(db: Session) -> None:
    claimants = 12
    for _ in range(ROUNDS // 20 + 1):
        runs = [db.new_run("pending") for _ in range(claimants)]

        def claim(session: Session, _: str, run_id: str) -> Row:
            return session.append(run_id, "hook_created", "id_1", facts=TOKEN)

        acts: list[Act] = [
            lambda s, one, run_id=run_id: claim(s, one, run_id) for run_id in runs
        ]
        (answers,) = race(db, ["one-token"], *acts).values()
        assert sorted(answers) == ["hook_conflict"] * (claimants - 1) + ["hook_created"]
        (hook,) = db.call("get_hook_by_token", token="one-token")
        assert hook["run_id"] == runs[answers.index("hook_created")]
        for run_id in set(runs) - {hook["run_id"]}:
            facts = db.log(run_id)[-1]["facts"]
            assert facts == {**TOKEN, "conflictingRunId": hook["run_id"]}
        db.append(hook["run_id"], "hook_disposed", "id_1")
    logs(db)


def test_every_report_is_exactly_what_was_skipped(db: Session) -> None:
    run_id = db.new_run("pending")

    def write(writer: int) -> None:
        """Write with a copy that is kept, and is made whole by each report."""
        dice, copy = random.Random(), list[int]()
        with connect(db.dsn) as session:
            for number in range(ROUNDS):
                told = {"resumeAt": LATER if dice.random() < 0.9 else "never"}
                try:
                    rows = session.call(
                        "append_and_read",
                        run_id=run_id,
                        event_type="wait_created",
                        correlation_id=f"wait_{writer}_{number}",
                        facts=told,
                        after=len(copy),
                    )
                except psycopg.Error as error:
                    if error.sqlstate != "WF400":
                        raise
                    continue
                copy += [row["seq"] for row in rows]
                assert copy == list(range(1, len(copy) + 1))
                assert rows[-1]["correlation_id"] == f"wait_{writer}_{number}"

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    assert len(logs(db)[run_id]) > ROUNDS
