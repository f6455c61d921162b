"""How sessions are let meet at random moments, and what their runs say afterwards."""

from __future__ import annotations

import os
import random
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import psycopg

from tests.concurrency.sessions import PATIENCE
from tests.support import WORKFLOW, Row, Session, connect, new_run_id

ROUNDS = int(os.environ.get("WORKFLOW_PG_TEST_INTERLEAVINGS", "50"))
JITTER = 0.002  # seconds; a call takes about as long

Act = Callable[[Session, str], Row]
Told = dict[str, list[str]]


def event(event_type: str, correlation_id: str | None = None, **told: Any) -> Act:
    """An append of this event to whichever run."""
    return lambda session, run_id: session.append(
        run_id, event_type, correlation_id, **told
    )


def hook(session: Session, run_id: str) -> Row:
    """A hook whose token is the run's."""
    return session.append(run_id, "hook_created", "id_1", facts={"token": run_id})


def pending(db: Session) -> list[str]:
    """As many new runs as there are rounds."""
    run_ids = [new_run_id() for _ in range(ROUNDS)]
    told: dict[str, Any] = {"workflow_names": [WORKFLOW] * ROUNDS}
    db.call("create_runs", run_ids=run_ids, inputs=[b"in"] * ROUNDS, **told)
    return run_ids


def prepared(db: Session, *acts: Act) -> list[str]:
    """New runs, to each of which this has been done."""
    run_ids = pending(db)
    for run_id in run_ids:
        for act in acts:
            act(db, run_id)
    return run_ids


def race(db: Session, run_ids: list[str], *acts: Act) -> Told:
    """What came of the acts in each run: a type, `-` for no event, or a SQLSTATE.

    Each act has a session, and all of them meet at each run.
    """
    begin = Barrier(len(acts))

    def take_part(act: Act) -> list[str]:
        dice = random.Random()
        with connect(db.dsn) as session:
            try:
                return [_meet(session, act, run_id, dice) for run_id in run_ids]
            except BaseException:
                begin.abort()
                raise

    def _meet(session: Session, act: Act, run_id: str, dice: random.Random) -> str:
        begin.wait(PATIENCE)
        # It waits for nothing: each of them is to be the first now and then.
        time.sleep(dice.random() * JITTER)
        try:
            reply = act(session, run_id)
        except psycopg.Error as error:
            return error.sqlstate or type(error).__name__
        return "-" if reply["seq"] is None else reply["event_type"]

    with ThreadPoolExecutor(len(acts)) as threads:
        answers = list(threads.map(take_part, acts))
    return {run_id: list(told) for run_id, *told in zip(run_ids, *answers, strict=True)}


def logs(db: Session) -> dict[str, list[str]]:
    """The types of the events of every run, whose tables agree with them."""
    faults = db.rows(
        "select v.* from workflow_pg.runs as r,"
        " lateral workflow_pg.verify_run(r.run_id) as v"
    )
    assert faults == []
    found: dict[str, list[str]] = defaultdict(list)
    for row in db.rows("select * from workflow_pg.events order by run_id, seq"):
        found[row["run_id"]].append(row["event_type"])
        assert row["seq"] == len(found[row["run_id"]])
    return found
