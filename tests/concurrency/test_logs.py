"""Who reads a log while others write to it has a prefix of it, at every moment."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import psycopg
import pytest

from tests.concurrency.fold import assert_sound
from tests.concurrency.sessions import PATIENCE, Rival, outcome
from tests.support import LATER, STEP, WORKFLOW, Row, Session, connect, new_run_id

Open = Callable[[], Rival]

WRITERS, READERS, CALLS = 4, 2, 40
FACTS: dict[str, Any] = {
    "workflowName": WORKFLOW,
    "deploymentId": "default",
    "stepName": STEP,
    "token": "token",
    "resumeAt": LATER,
}
# None ends the run.
EVENTS = [
    *("run_created", "run_started", "step_created", "step_started", "step_started"),
    *("step_retrying", "step_completed", "hook_created", "hook_received"),
    *("hook_disposed", "wait_created", "wait_completed"),
]


class Writer:
    """Appends at random, and keeps a copy of the log by what its writes report."""

    def __init__(self, run_id: str, seed: int) -> None:
        self.run_id, self.lot = run_id, random.Random(seed)
        self.copy: list[Row] = []
        self.answers: Counter[str] = Counter()

    def __call__(self, session: Session, begin: Barrier) -> None:
        """Make its calls, as fast as the others let it."""
        begin.wait(PATIENCE)
        for _ in range(CALLS):
            try:
                rows = self._call(session)
            except psycopg.Error as error:
                self.answers[error.sqlstate or ""] += 1
                continue
            written = rows if rows[-1]["seq"] else rows[:-1]
            have = len(self.copy)
            # The report is what was skipped, all of it and nothing else.
            expected = list(range(have + 1, have + len(written) + 1))
            assert [row["seq"] for row in written] == expected
            self.copy += written
            self.answers[rows[-1]["event_type"]] += 1

    def _call(self, session: Session) -> list[Row]:
        event = self.lot.choice(EVENTS)
        kind = event.partition("_")[0]
        with_input = event in {"run_created", "run_started"} or self.lot.random() < 0.5
        return session.call(
            "append_and_read",
            run_id=self.run_id,
            event_type=event,
            correlation_id=None if kind == "run" else f"{kind}_{self.lot.randrange(5)}",
            facts=FACTS,
            payload=b"in" if with_input else None,
            after=len(self.copy),
        )


class Reader:
    """Reads on from where it is, again and again, a few events at a time."""

    def __init__(self, run_id: str, seed: int) -> None:
        self.run_id, self.lot = run_id, random.Random(seed)
        self.copy: list[Row] = []

    def __call__(self, session: Session, begin: Barrier, is_over: Event) -> None:
        """Read until the writers are done, and then to the end."""
        begin.wait(PATIENCE)
        while True:
            was_over = is_over.is_set()
            page = session.call(
                "list_events",
                run_id=self.run_id,
                after=len(self.copy),
                limit=self.lot.randint(1, 5),
            )
            self.copy += page
            if was_over and not page:
                return


@pytest.mark.parametrize("seed", range(4))
def test_every_copy_of_a_log_is_a_prefix_of_it(
    db: Session, rival: Open, seed: int
) -> None:
    sessions = [rival().session for _ in range(WRITERS + READERS)]
    run_id = new_run_id()
    writers = [Writer(run_id, 100 * seed + n) for n in range(WRITERS)]
    readers = [Reader(run_id, 100 * seed + n) for n in range(READERS)]
    begin, is_over = Barrier(WRITERS + READERS), Event()
    with ThreadPoolExecutor(WRITERS + READERS) as threads:
        reads = [
            threads.submit(reader, session, begin, is_over)
            for reader, session in zip(readers, sessions[WRITERS:], strict=True)
        ]
        writes = [
            threads.submit(writer, session, begin)
            for writer, session in zip(writers, sessions[:WRITERS], strict=True)
        ]
        try:
            for write in writes:
                write.result(PATIENCE)
        finally:
            is_over.set()
        for read in reads:
            read.result(PATIENCE)

    assert_sound(db, run_id)
    log = [(e["seq"], e["event_type"], e["correlation_id"]) for e in db.log(run_id)]
    for copy in [holder.copy for holder in (*writers, *readers)]:
        known = [(e["seq"], e["event_type"], e["correlation_id"]) for e in copy]
        assert known == log[: len(known)]
    assert all(len(reader.copy) == len(log) for reader in readers)
    # Programs that were refused everything, or nothing, would prove nothing.
    answers = sum((writer.answers for writer in writers), Counter[str]())
    assert {"WF404", "WF409", "step_started"} <= set(answers), answers
    assert len(log) > CALLS / 2


def test_of_many_who_begin_a_new_step_one_gets_it(db: Session) -> None:
    run_id = db.new_run()
    begin = Barrier(6)

    def start(number: int) -> str:
        with connect(db.dsn) as session:
            begin.wait(PATIENCE)
            try:
                session.call(
                    "start_new_step",
                    run_id=run_id,
                    step_id="step_1",
                    step_name=STEP,
                    input=b"in",
                    owner_message_id=f"msg_{number}",
                )
            except psycopg.Error as error:
                return error.sqlstate or ""
            return f"msg_{number}"

    with ThreadPoolExecutor(6) as threads:
        answers = sorted(threads.map(start, range(6)))
    assert answers[:-1] == ["WF409"] * 5
    created, started = db.log(run_id)[2:]
    assert created["event_type"] == "step_created"
    assert started["facts"] == {"attempt": 1, "ownerMessageId": answers[-1]}


NEW_STEP: dict[str, Any] = {"facts": FACTS, "payload": b"in"}


@pytest.mark.parametrize(
    ("one", "told", "expected"),
    [
        ("step_started", NEW_STEP, "WF409"),
        ("step_created", NEW_STEP, "WF409"),
        ("run_cancelled", {}, "WF409"),
        ("run_started", {}, "step_started"),
    ],
)
def test_a_new_step_is_decided_on_what_was_there_first(
    db: Session, rival: Open, one: str, told: dict[str, Any], expected: str
) -> None:
    run_id = db.new_run("pending")
    first, second = rival(), rival()
    with first.open():
        step_id = "step_1" if one.startswith("step") else None
        first.session.append(run_id, one, step_id, **told)
        call = second.blocked(
            lambda s: s.append(run_id, "step_started", "step_1", **NEW_STEP)
        )
    assert outcome(call) == expected
    assert_sound(db, run_id)


def test_a_new_step_that_is_begun_twice_by_one_caller_is_begun_once(
    db: Session, rival: Open
) -> None:
    run_id = db.new_run()
    told: dict[str, Any] = {**NEW_STEP, "dedup_key": "key"}
    first, second = rival(), rival()
    with first.open():
        reply = first.session.append(run_id, "step_started", "step_1", **told)
        call = second.blocked(
            lambda s: s.append(run_id, "step_started", "step_1", **told)
        )
    assert outcome(call) == "40001"
    assert second.session.append(run_id, "step_started", "step_1", **told) == reply


def test_a_step_of_a_run_that_is_being_created_does_not_wait_for_it(
    db: Session, rival: Open
) -> None:
    run_id = new_run_id()
    creator = rival()
    with creator.open():
        creator.session.append(run_id, "run_started", facts=FACTS, payload=b"in")
        with pytest.raises(psycopg.Error, match="does not exist"):
            db.append(run_id, "step_started", "step_1", **NEW_STEP)
    assert db.append(run_id, "step_started", "step_1", **NEW_STEP)["seq"] == 4
