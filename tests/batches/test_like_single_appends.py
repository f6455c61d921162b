"""A legal batch does what as many single appends do, in every state.

Two runs are brought into one state; one gets the batch, the other the same events one
by one. Outcomes, logs, entities and messages have to be the same but for ids.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.batches.calls import LEGAL, Entry, batch
from tests.concurrency.fold import assert_sound
from tests.support import LATER, Row, Session

STEPS = [f"step_{n}" for n in range(4)]
WAITS = [f"wait_{n}" for n in range(2)]
_MALFORMED: dict[str, dict[str, Any]] = {
    "step_created": {"stepName": ""},
    "step_retrying": {"retryAfter": "soon"},
    "wait_created": {"resumeAt": "2999-01-01"},
}


@dataclass(frozen=True, slots=True)
class State:
    """A run with steps and waits, each absent or in a status."""

    run: str
    steps: tuple[str, ...]
    waits: tuple[str, ...]
    is_claimed: bool

    def build(self, db: Session) -> tuple[str, object]:
        """The id of a run in this state, and the token of its replay if claimed."""
        run_id = db.new_run("pending" if self.run == "pending" else "running")
        for step_id, status in zip(STEPS, self.steps, strict=True):
            if status == "early":
                db.new_step(run_id, step_id, "running")
                facts = {"retryAfter": LATER}
                db.append(run_id, "step_retrying", step_id, facts=facts)
            elif status != "absent":
                db.new_step(run_id, step_id, status)
        for wait_id, status in zip(WAITS, self.waits, strict=True):
            if status != "absent":
                facts = {"resumeAt": LATER}
                db.append(run_id, "wait_created", wait_id, facts=facts)
            if status == "completed":
                db.append(run_id, "wait_completed", wait_id)
        claimed = db.claim() if self.is_claimed else []
        assert {m["run_id"] for m in claimed} <= {run_id}
        tokens = [m["lease_token"] for m in claimed if m["kind"] == "wake"]
        if self.run not in {"pending", "running"}:
            db.append(run_id, f"run_{self.run}")
        return run_id, tokens[0] if tokens else None


STATES = st.builds(
    State,
    run=st.sampled_from(
        [*["pending", "running"] * 3, "completed", "failed", "cancelled"]
    ),
    steps=st.tuples(
        *[
            st.sampled_from(
                ["absent", "pending", "running", *["early"] * 2, "completed", "failed"]
            )
        ]
        * len(STEPS)
    ),
    waits=st.tuples(*[st.sampled_from(["absent", "waiting", "completed"])] * 2),
    is_claimed=st.booleans(),
)


@st.composite
def batches(draw: st.DrawFn, state: State) -> list[Entry]:
    """Entries about different entities, in any order; a pair for an absent step."""
    entities = draw(st.permutations([*STEPS, *WAITS, "run"]))
    entries: list[Entry] = []
    for entity in entities[: draw(st.integers(1, len(entities)))]:
        kind = entity.partition("_")[0]
        events = [event for event in LEGAL if event.startswith(kind)]
        if entity in STEPS and state.steps[STEPS.index(entity)] == "early":
            events += ["step_started"] * 4
        entry = draw(_entries(draw(st.sampled_from(events)), entity))
        entries.append(entry)
        is_absent = entity in STEPS and state.steps[STEPS.index(entity)] == "absent"
        is_sound = entry.facts is None and entry.codec == "opaque"
        # A pair that is rejected is one claim, two single appends are two.
        is_live = state.run in {"pending", "running"} and not any(
            other.event.startswith("run") for other in entries
        )
        if entry.event == "step_created" and is_absent and is_sound and is_live:
            entries += [Entry("step_started", entity)] * draw(st.integers(0, 1))
    return entries


@st.composite
def _entries(draw: st.DrawFn, event: str, entity: str) -> Entry:
    correlation_id = None if entity == "run" else entity
    if draw(st.integers(0, 7)) == 0 and event in _MALFORMED:
        return Entry(event, correlation_id, _MALFORMED[event])
    if event == "step_started":
        return Entry(event, correlation_id)
    facts = {"retryAfter": LATER} if event == "step_retrying" and draw(_COIN) else None
    if event == "run_failed":
        facts = {"errorCode": "USER_ERROR"}
    payload = draw(st.sampled_from([None, b"", b"x", b"{"]))
    codec = draw(st.sampled_from(["opaque", "opaque", "cbor", "json"]))
    return Entry(event, correlation_id, facts, payload, codec)


_COIN = st.booleans()


def _one_by_one(
    db: Session, run_id: str, entries: list[Entry], **options: object
) -> list[Row]:
    return [_single(db, run_id, entry, options) for entry in entries]


def _single(db: Session, run_id: str, entry: Entry, options: Row) -> Row:
    told = {"facts": entry.told, "payload": entry.payload, "codec": entry.codec}
    try:
        return db.append(run_id, entry.event, entry.id, **told, **options)
    except psycopg.Error as error:
        return {
            "sqlstate": error.sqlstate,
            "message": error.diag.message_primary,
            "detail": json.loads(error.diag.message_detail or "null"),
            "hint": error.diag.message_hint,
        }


def _same(outcome: Row, single: Row) -> Row:
    """An outcome as far as the single append tells it."""
    return {name: outcome[name] for name in single}


def _left(db: Session, run_id: str) -> object:
    """All that there is of a run, but for its id and those of its messages."""
    events = [{**event, "created_at": None, "run_id": None} for event in db.log(run_id)]
    # A completion by the holder of a lease spares itself the withdrawal of a dispatch
    # that it holds most of the time; a batch withdraws those that are pending.
    query = (
        "select array(select s.step_id from workflow_pg.steps as s"
        " where s.run_id = %s and s.status >= 'completed')"
    )
    final = db.value(query, run_id)
    messages = [
        (
            *(m["kind"], m["step_id"] or "", m["serves"], m["attempt"]),
            *(m["due_at"].year, m["lease_token"] is not None),
        )
        for m in db.messages(run_id)
        if m["step_id"] not in final or m["lease_token"] is not None
    ]
    tables = [
        db.rows("select * from workflow_pg.runs where run_id = %s", run_id),
        db.rows(
            "select * from workflow_pg.steps where run_id = %s order by step_id", run_id
        ),
        db.rows(
            "select * from workflow_pg.waits where run_id = %s order by wait_id", run_id
        ),
    ]
    return events, sorted(messages), tables


def _without_id(value: object, run_id: str) -> Any:
    return json.loads(json.dumps(value, default=str).replace(run_id, "the run"))


@pytest.fixture
def answers() -> Counter[str]:
    """How often each answer came, over all batches."""
    return Counter()


@settings(
    max_examples=80,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def _compare(db: Session, answers: Counter[str], data: st.DataObject) -> None:
    state = data.draw(STATES, "state")
    entries = data.draw(batches(state), "batch")
    wake = data.draw(_COIN, "wake")
    (one, its_token), (other, other_token) = state.build(db), state.build(db)

    outcomes = batch(db, one, entries, wake=wake, lease_token=its_token)
    singles = _one_by_one(db, other, entries, wake=wake, lease_token=other_token)

    told = [_same(o, s) for o, s in zip(outcomes, singles, strict=True)]
    assert _without_id(told, one) == _without_id(singles, other)
    assert _without_id(_left(db, one), one) == _without_id(_left(db, other), other)
    assert_sound(db, one)
    # No message of theirs is left for the claims of later states.
    db.call("cancel_runs", run_ids=[one, other])
    answers.update(str(o["status"]) for o in outcomes)


def test_a_batch_is_as_many_single_appends(db: Session, answers: Counter[str]) -> None:
    db.set_clock(db.now())
    _compare(db, answers)
    # Batches that never got anywhere would prove nothing.
    assert {"200", "400", "404", "409", "410", "425"} <= answers.keys(), answers
