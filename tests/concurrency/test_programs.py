"""Random programs of appends: the database answers as the model does."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.concurrency.fold import assert_sound
from tests.concurrency.model import GROUP, Call, Model, Run
from tests.support import EVENTS, LATER, STEP, WORKFLOW, Session, new_run_id

_EARLIER = "2001-01-01T00:00:00Z"

_ENDS = {"run_completed", "run_failed", "run_cancelled"}
_CHANGES = st.dictionaries(st.sampled_from("abc"), st.booleans(), min_size=1)


@pytest.fixture
def answers() -> Counter[str]:
    """How often each answer came, over all programs."""
    return Counter()


@settings(
    max_examples=40,
    deadline=None,
    database=None,
    # Every program has runs and tokens of its own, so none sees another's rows.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def _run_program(db: Session, answers: Counter[str], data: st.DataObject) -> None:
    model = Model([Run(), Run()])
    run_ids = [new_run_id(), new_run_id()]
    for _ in range(data.draw(st.integers(10, 60), "calls")):
        call = data.draw(_calls(model), "call")
        answers[_check(db, model, run_ids, call)] += 1
    for run_id in run_ids:
        assert_sound(db, run_id)


def _check(db: Session, model: Model, run_ids: list[str], call: Call) -> str:
    """The answer to a call, which is the model's."""
    expected = model.answer(call)
    found = _answer(db, run_ids, call)
    assert found == expected, call
    return found if isinstance(found, str) else " ".join(found) or "-"


@st.composite
def _calls(draw: st.DrawFn, model: Model) -> Call:
    """Any call; two of three times one that is legal, or too early, and ends no run."""
    call = Call(
        event="",
        run=draw(st.integers(0, 1)),
        entity=draw(st.integers(0, 1)),
        token=draw(st.integers(0, 1)),
        is_early=draw(st.booleans()),
        with_input=draw(st.booleans()),
        changes=tuple(draw(_CHANGES).items()),
        by_body=draw(st.booleans()),
    )
    legal = [
        event
        for event in EVENTS
        if event not in _ENDS
        and model.copy().answer(replace(call, event=event)) not in ("WF404", "WF409")
    ]
    events = legal if legal and draw(st.integers(0, 2)) else EVENTS
    return replace(call, event=draw(st.sampled_from(events)))


def _answer(db: Session, run_ids: list[str], call: Call) -> list[str] | str:
    """The events that a call has appended, or its refusal."""
    run_id = run_ids[call.run]
    query = "select coalesce(max(last_seq), 0) from workflow_pg.runs where run_id = %s"
    last = db.value(query, run_id)
    kind = call.event.partition("_")[0]
    is_of_the_run = kind == "run" or (kind == "attr" and not call.by_body)
    correlation_id = None if is_of_the_run else f"{kind}_{call.entity}"
    try:
        reply = db.append(
            run_id, call.event, correlation_id, **_arguments(call, run_ids)
        )
    except psycopg.Error as error:
        assert db.value(query, run_id) == last
        return error.sqlstate or ""
    events = db.log(run_id)[last:]
    assert reply["seq"] == (events[-1]["seq"] if events else None)
    return [event["event_type"] for event in events]


def _arguments(call: Call, run_ids: list[str]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "workflowName": WORKFLOW,
        "stepName": STEP,
        "token": f"{run_ids[0]} {call.token}",
        "resumeAt": LATER,
        "retryAfter": LATER if call.is_early else _EARLIER,
    }
    facts |= {
        "changes": [
            {"key": f"{group}{number}", "value": "x" if is_set else None}
            for group, is_set in call.changes
            for number in range(GROUP)
        ],
        "writer": {"type": "workflow" if call.by_body else "api"},
    }
    if call.with_input or call.event == "run_created":
        facts["deploymentId"] = "default"
    if call.event == "step_started" and not call.with_input:
        return {"facts": facts}
    return {"facts": facts, "payload": b"payload"}


def test_a_program_is_answered_as_the_model_answers_it(
    db: Session, answers: Counter[str]
) -> None:
    _run_program(db, answers)
    # Programs that never got anywhere would prove nothing.
    assert len(answers) > 12, answers


def test_a_step_may_be_told_to_wait_for_centuries(db: Session) -> None:
    model, run_ids = Model([Run()]), [new_run_id()]
    early = Call(event="", run=0, entity=0, token=0, is_early=True, with_input=False)
    events = ["run_created", "step_created", "step_retrying", "step_started"]
    answers = [
        _check(db, model, run_ids, replace(early, event=event)) for event in events
    ]
    assert answers == [*events[:-1], "WF425"]
