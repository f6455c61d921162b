"""A program that runs through the JSON door leaves what it leaves through the verbs.

Two runs get the same calls, one by `append_event`, one by `json_create_event`. Answers,
logs, entities and messages have to be the same but for ids and times.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.concurrency.fold import assert_sound
from tests.door.wire import Json, create, tagged
from tests.support import EVENTS, LATER, STEP, WORKFLOW, Row, Session, new_run_id

_PAYLOADS = {
    **dict.fromkeys(["run_created", "run_started", "step_created"], "input"),
    **dict.fromkeys(["run_failed", "step_failed", "step_retrying"], "error"),
    "step_started": "input",
    "run_completed": "output",
    "step_completed": "result",
    "hook_created": "metadata",
    "hook_received": "payload",
}
_VALUES: list[Any] = [None, b"", b"\0x", [1, {"a": None}]]

_TABLES: list[LiteralString] = [
    "select * from workflow_pg.runs where run_id = %s",
    "select * from workflow_pg.events where run_id = %s order by seq",
    "select * from workflow_pg.steps where run_id = %s order by step_id",
    "select * from workflow_pg.hooks where run_id = %s order by hook_id",
    "select * from workflow_pg.waits where run_id = %s order by wait_id",
    "select * from workflow_pg.run_attributes where run_id = %s order by key",
    "select * from workflow_pg_private.append_keys where run_id = %s order by seq",
    "select * from workflow_pg_private.messages where run_id = %s order by step_id",
]


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its event, its entity, and what it carries."""

    event: str
    id: str | None
    facts: Json
    value: Any
    version: int
    key: str | None


@st.composite
def _calls(draw: st.DrawFn) -> Call:
    event = draw(st.sampled_from([*EVENTS, *EVENTS[5:]]))
    kind = event.partition("_")[0]
    number = draw(st.integers(0, 1))
    facts: Json = {}
    if event in {"run_created", "run_started"}:
        facts = {"workflowName": WORKFLOW, "deploymentId": "ts"}
    elif event in {"step_created", "step_started"}:
        facts = {"stepName": STEP}
    elif event == "hook_created":
        facts = {"token": f"tok{draw(st.integers(0, 1))}", "isWebhook": False}
    elif event == "wait_created" or (event == "step_retrying" and draw(st.booleans())):
        facts = {"resumeAt" if kind == "wait" else "retryAfter": LATER}
    elif event == "attr_set":
        value = draw(st.sampled_from(["1", None]))
        changes = [{"key": "a", "value": value}]
        facts = {"changes": changes, "writer": {"type": "workflow"}}
    elif event == "run_failed":
        facts = {"errorCode": "USER_ERROR"}
    return Call(
        event=event,
        id=None if kind == "run" else f"{kind}_{number}",
        facts=facts,
        value=draw(st.sampled_from(_VALUES)) if event in _PAYLOADS else None,
        version=draw(st.sampled_from([7, 7, 7, 6, 3, 8])),
        key=draw(st.sampled_from([None, None, None, "k"])),
    )


def _by_verb(db: Session, run_id: str, call: Call) -> str:
    facts = _of(run_id, call.facts)
    is_json = call.value is not None and not isinstance(call.value, bytes)
    db.append(
        run_id,
        call.event,
        call.id,
        facts=facts,
        payload=json.dumps(call.value).encode() if is_json else call.value,
        codec="json" if is_json else "opaque",
        spec_version=call.version,
        dedup_key=call.key,
    )
    return "ok"


def _by_door(db: Session, run_id: str, call: Call) -> str:
    data = _of(run_id, call.facts)
    if call.value is not None:
        is_bytes = isinstance(call.value, bytes)
        value = tagged(call.value) if is_bytes else call.value
        data[_PAYLOADS[call.event]] = value
    params = {} if call.key is None else {"dedupKey": call.key}
    create(db, run_id, call.event, call.id, data, params, specVersion=call.version)
    return "ok"


def _of(run_id: str, facts: Json) -> Json:
    # Tokens are of all runs; each run has its own here.
    told = {"token": f"{run_id}-{facts['token']}"} if "token" in facts else {}
    return facts | told


def _answer(door: Any, db: Session, run_id: str, call: Call) -> str:
    try:
        return door(db, run_id, call)
    except psycopg.Error as error:
        return error.sqlstate or ""


def _left(db: Session, run_id: str) -> list[list[Row]]:
    """What a run has left: its rows without its id and without times."""
    return [_rows(db.rows(query, run_id), run_id) for query in _TABLES]


def _rows(rows: list[Row], run_id: str) -> list[Row]:
    return [
        {
            name: str(value).replace(run_id, "RUN")
            for name, value in row.items()
            if name not in {"message_id", "digest"}
            and not name.endswith("_at")
            and not (name == "retry_after" and value is None)
        }
        for row in rows
    ]


@pytest.fixture
def answers() -> Counter[str]:
    """How often each answer came, over all programs."""
    return Counter()


@settings(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(program=st.lists(_calls(), min_size=10, max_size=40))
def _run_program(db: Session, answers: Counter[str], program: list[Call]) -> None:
    verbs, door = new_run_id(), new_run_id()
    opening = [
        Call(
            "run_created",
            None,
            {"workflowName": WORKFLOW, "deploymentId": "ts"},
            b"",
            7,
            None,
        ),
        Call("run_started", None, {}, None, 7, None),
    ]
    for call in [*opening, *program]:
        by_verb = _answer(_by_verb, db, verbs, call)
        by_door = _answer(_by_door, db, door, call)
        assert by_verb == by_door, call
        answers[f"{call.event} {by_verb}"] += 1
    assert _left(db, verbs) == _left(db, door)
    assert_sound(db, door)


def test_a_program_leaves_the_same_rows_through_both(
    db: Session, answers: Counter[str]
) -> None:
    _run_program(db, answers)
    # The programs get somewhere, and are refused on their way.
    assert {answer.partition(" ")[2] for answer in answers} >= {"ok", "WF404", "WF409"}
