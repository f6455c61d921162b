"""Malformed attributes are refused; those given at creation are checked alike."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.support import WORKFLOW, Session, new_run_id

GOOD = {"key": "a", "value": "1"}
FACTS = {"workflowName": WORKFLOW, "deploymentId": "default"}


@pytest.mark.parametrize(
    "changes", [None, [], {}, "a", 1, True, {"key": "a", "value": "1"}]
)
def test_changes_are_an_array_of_at_least_one(db: Session, changes: object) -> None:
    run_id = db.new_run()
    with db.refused("WF400", argument="changes"):
        db.call("set_attributes", run_id=run_id, changes=Jsonb(changes))


def test_no_changes_are_malformed(db: Session) -> None:
    run_id = db.new_run()
    with db.refused("WF400", argument="changes"):
        db.call("set_attributes", run_id=run_id, changes=None)


@pytest.mark.parametrize(
    "change",
    [
        *(None, 1, "a", [], ["a", "1"], {}, {"key": "a"}, {"value": "1"}),
        *({"key": None, "value": "1"}, {"key": 1, "value": "1"}),
        *({"key": "a", "value": 1}, {"key": "a", "value": {}}, {**GOOD, "more": 1}),
    ],
    ids=repr,
)
def test_a_change_is_a_key_and_a_value(db: Session, change: object) -> None:
    run_id = db.new_run()
    told = {"run_id": run_id, "changes": Jsonb([GOOD, change, change])}
    with db.refused("WF400", argument="changes", place=2):
        db.call("set_attributes", **told)


@pytest.mark.parametrize(
    ("told", "argument"),
    [
        ({"writer": None}, "writer"),
        ({"writer": "somebody"}, "writer"),
        ({"writer": "workflow"}, "correlation id"),
        ({"writer": "workflow", "correlation_id": ""}, "correlation id"),
        ({"writer": "workflow", "correlation_id": "x" * 256}, "correlation id"),
        ({"writer": "api", "correlation_id": "attr_1"}, "correlation id"),
        ({"writer": "api", "step_id": "step_1"}, "writer"),
        ({"writer": "api", "attempt": 1}, "writer"),
        ({"writer": "step"}, "step id"),
        ({"writer": "step", "step_id": "step_1"}, "writer"),
        ({"writer": "step", "step_id": "step_1", "attempt": -1}, "writer"),
        (
            {
                "writer": "step",
                "step_id": "step_1",
                "attempt": 1,
                "correlation_id": "step_1",
            },
            "correlation id",
        ),
    ],
)
def test_a_writer_says_who_it_is(
    db: Session, told: dict[str, Any], argument: str
) -> None:
    run_id = db.new_run()
    with db.refused("WF400", argument=argument):
        db.call("set_attributes", run_id=run_id, changes=Jsonb([GOOD]), **told)


_ATTEMPTS: list[object] = ["x", 1.5, -1, {}, 10**9]
_WRITERS: list[object] = [
    *(None, "api", {}, {"type": None}, {"type": "step", "stepId": "s"}),
    *({"type": "step", "stepId": "s", "attempt": attempt} for attempt in _ATTEMPTS),
]


@pytest.mark.parametrize("writer", _WRITERS, ids=repr)
def test_the_writer_of_an_event_says_who_it_is(db: Session, writer: object) -> None:
    run_id = db.new_run()
    with db.refused("WF400", argument="writer"):
        db.append(run_id, "attr_set", facts={"changes": [GOOD], "writer": writer})


def test_an_event_without_facts_is_malformed(db: Session) -> None:
    run_id = db.new_run()
    with db.refused("WF400", argument="changes"):
        db.append(run_id, "attr_set")


@pytest.mark.parametrize("event", ["run_created", "run_started"])
def test_a_run_is_created_with_attributes(db: Session, event: str) -> None:
    run_id = new_run_id()
    facts = FACTS | {
        "attributes": {"tenant": "t1", "$parentRunId": "wrun_1", "empty": ""},
        "allowReservedAttributes": True,
    }
    db.append(run_id, event, facts=facts, payload=b"in")
    (run,) = db.call("get_run", run_id=run_id)
    assert run["attributes"] == facts["attributes"]
    assert db.log(run_id)[0]["facts"] == facts
    if event == "run_started":
        assert db.log(run_id)[1]["facts"] is None


def test_a_start_of_a_run_that_is_there_gives_it_no_attributes(db: Session) -> None:
    run_id = db.new_run("pending")
    facts = FACTS | {"attributes": {"a": "1"}}
    db.append(run_id, "run_started", facts=facts, payload=b"in")
    (run,) = db.call("start_run", run_id=run_id, attributes={"a": "1"})
    assert run["attributes"] == {}


def test_the_reply_of_a_start_has_the_attributes(db: Session) -> None:
    run_id = db.new_run("pending")
    told = {"run_id": run_id, "changes": Jsonb([GOOD])}
    db.call("set_attributes", **told)
    for _ in range(2):
        (run,) = db.call("start_run", run_id=run_id)
        assert run["attributes"] == {"a": "1"}


@pytest.mark.parametrize("event", ["run_created", "run_started"])
@pytest.mark.parametrize(
    ("attributes", "code", "argument"),
    [
        ([], "WF400", "attributes"),
        ("a", "WF400", "attributes"),
        (None, "WF400", "attributes"),
        ({"a": 1}, "WF400", "attributes"),
        ({"a": None}, "WF400", "attributes"),
        ({"": "v"}, "WF422", "attributes"),
        ({"k" * 257: "v"}, "WF422", "attributes"),
        ({"a": "v" * 257}, "WF422", "attributes"),
        ({"$a": "v"}, "WF422", "attributes"),
        ({f"k{n}": "" for n in range(65)}, "WF422", "attributes"),
    ],
)
def test_a_run_is_not_created_with_attributes_that_could_not_be_set(
    db: Session, event: str, attributes: object, code: str, argument: str
) -> None:
    run_id = new_run_id()
    facts = FACTS | {"attributes": attributes}
    with db.refused(code, argument=argument):
        db.append(run_id, event, facts=facts, payload=b"in")


def test_64_attributes_may_be_given_at_creation(db: Session) -> None:
    attributes = {f"{n:02}" + "日" * 254: "v" * 256 for n in range(64)}
    run_id = db.new_run("pending", facts=FACTS | {"attributes": attributes})
    (run,) = db.call("get_run", run_id=run_id)
    assert run["attributes"] == attributes
