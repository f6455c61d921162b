"""Attributes of a run: set and deleted by events, within limits, or refused whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.support import Row, Session

SMILE = "\U0001f600"  # four bytes in UTF-8, two units in UTF-16
STEP_WRITER = {"type": "step", "stepId": "step_1", "attempt": 1}


def changes(attributes: Mapping[str, str | None]) -> Jsonb:
    """Attributes as `set_attributes` takes them."""
    return Jsonb([{"key": k, "value": v} for k, v in attributes.items()])


def set_(
    db: Session, run_id: str, attributes: Mapping[str, str | None], **told: object
) -> Row:
    """The reply of `set_attributes`."""
    (reply,) = db.call(
        "set_attributes", run_id=run_id, changes=changes(attributes), **told
    )
    return reply


def attributes_of(db: Session, run_id: str) -> dict[str, str]:
    """The attributes of a run, as it is read."""
    return db.call("get_run", run_id=run_id)[0]["attributes"]


def test_a_run_has_no_attributes_at_first(db: Session) -> None:
    assert attributes_of(db, db.new_run()) == {}


def test_a_call_sets_and_deletes_and_leaves_the_others(db: Session) -> None:
    run_id = db.new_run("pending")
    reply = set_(db, run_id, {"a": "1", "b": "2", "c": "3"})
    assert (reply["seq"], reply["event_type"]) == (2, "attr_set")
    assert (reply["run_status"], reply["correlation_id"]) == ("pending", None)
    set_(db, run_id, {"b": None, "c": "4", "d": "", "never there": None})
    assert attributes_of(db, run_id) == {"a": "1", "c": "4", "d": ""}
    assert db.types(run_id) == ["run_created", "attr_set", "attr_set"]


def test_an_observer_of_the_log_gets_the_changes_exactly(db: Session) -> None:
    run_id = db.new_run()
    set_(db, run_id, {"z": "1", "a": None, "m": f"ä{SMILE} \"'\\\n\t"})
    *_, event = db.call("list_events", run_id=run_id)
    assert event["facts"] == {
        "changes": [
            {"key": "z", "value": "1"},
            {"key": "a", "value": None},
            {"key": "m", "value": f"ä{SMILE} \"'\\\n\t"},
        ],
        "writer": {"type": "api"},
    }
    assert (event["payload"], event["correlation_id"]) == (None, None)


@pytest.mark.parametrize(
    ("told", "writer"),
    [
        ({}, {"type": "api"}),
        ({"writer": "workflow", "correlation_id": "attr_1"}, {"type": "workflow"}),
        ({"writer": "step", "step_id": "step_1", "attempt": 1}, STEP_WRITER),
    ],
)
def test_the_log_says_who_set_them(
    db: Session, told: dict[str, Any], writer: dict[str, Any]
) -> None:
    run_id = db.new_run()
    set_(db, run_id, {"a": "1"}, **told)
    event = db.log(run_id)[-1]
    assert event["facts"]["writer"] == writer
    assert event["correlation_id"] == told.get("correlation_id")


@pytest.mark.parametrize("writer", [STEP_WRITER, {"type": "api"}])
def test_append_event_stores_what_it_is_given(
    db: Session, writer: dict[str, Any]
) -> None:
    run_id = db.new_run()
    facts = {
        "changes": [{"key": "$a", "value": "1"}],
        "writer": writer,
        "allowReservedAttributes": True,
    }
    db.append(run_id, "attr_set", facts=facts)
    assert db.log(run_id)[-1]["facts"] == facts


def test_the_same_call_of_a_body_is_recorded_once(db: Session) -> None:
    run_id = db.new_run()
    told: dict[str, Any] = {"writer": "workflow", "correlation_id": "attr_1"}
    set_(db, run_id, {"a": "1"}, **told)
    with db.refused("WF409", entity="attributes", id="attr_1", event="attr_set"):
        set_(db, run_id, {"a": "2"}, **told)
    set_(db, db.new_run(), {"a": "2"}, **told)


def test_what_is_recorded_is_not_refused_for_a_limit(db: Session) -> None:
    run_id = db.new_run()
    told: dict[str, Any] = {"writer": "workflow", "correlation_id": "attr_1"}
    set_(db, run_id, {"first": "1"}, **told)
    set_(db, run_id, {"first": None} | {f"k{n}": "" for n in range(64)})
    with db.refused("WF409"):
        set_(db, run_id, {"first": "1"}, **told)


def test_steps_and_others_may_make_the_same_call_again(db: Session) -> None:
    run_id = db.new_run()
    for _ in range(2):
        set_(db, run_id, {"a": "1"})
        set_(db, run_id, {"a": "1"}, writer="step", step_id="step_1", attempt=0)
    assert db.types(run_id).count("attr_set") == 4


@pytest.mark.parametrize("key", ["k", "k" * 256, "日" * 256, SMILE * 128, "\n", " "])
def test_a_key_of_256_units_is_kept(db: Session, key: str) -> None:
    run_id = db.new_run()
    set_(db, run_id, {key: "v"})
    assert attributes_of(db, run_id) == {key: "v"}


@pytest.mark.parametrize(
    ("key", "units"),
    [("", 0), ("k" * 257, 257), ("日" * 257, 257), (SMILE * 128 + "k", 257)],
)
def test_a_key_is_1_to_256_units(db: Session, key: str, units: int) -> None:
    run_id = db.new_run()
    told = {"argument": "attributes", "key": key, "units": units, "limit": 256}
    for value in ("v", None):
        with db.refused("WF422", **told):
            set_(db, run_id, {"good": "v", key: value})


def test_a_key_of_any_length_is_refused_in_few_words(db: Session) -> None:
    run_id = db.new_run()
    with db.refused("WF422", key="k" * 300, units=100_000):
        set_(db, run_id, {"k" * 100_000: "v"})


@pytest.mark.parametrize("value", ["", "v" * 256, "ä" * 128, SMILE * 64])
def test_a_value_of_256_bytes_is_kept(db: Session, value: str) -> None:
    run_id = db.new_run()
    set_(db, run_id, {"k": value})
    assert attributes_of(db, run_id) == {"k": value}


@pytest.mark.parametrize("value", ["v" * 257, "ä" * 128 + "v", SMILE * 64 + "v"])
def test_a_value_has_256_bytes_at_most(db: Session, value: str) -> None:
    run_id = db.new_run()
    with db.refused("WF422", argument="attributes", key="k", bytes=257, limit=256):
        set_(db, run_id, {"good": "v", "k": value})


def test_keys_with_a_dollar_are_reserved_unless_allowed(db: Session) -> None:
    run_id = db.new_run()
    for attributes in ({"$": "v"}, {"$parentRunId": "x"}, {"$gone": None}):
        with db.refused("WF422", argument="attributes", key=next(iter(attributes))):
            set_(db, run_id, attributes)
        with db.refused("WF422"):
            set_(db, run_id, attributes, allow_reserved=None)
    set_(db, run_id, {"$": "v", "a$": "w"}, allow_reserved=True)
    assert attributes_of(db, run_id) == {"$": "v", "a$": "w"}
    assert db.log(run_id)[-1]["facts"]["allowReservedAttributes"] is True


def test_no_key_comes_twice_in_one_call(db: Session) -> None:
    run_id = db.new_run()
    twice = [{"key": "a", "value": "1"}, {"key": "b", "value": "1"}]
    with db.refused("WF422", argument="attributes", key="a"):
        db.call(
            "set_attributes",
            run_id=run_id,
            changes=Jsonb([*twice, {"key": "a", "value": None}]),
        )


def test_a_run_has_64_attributes_at_most(db: Session) -> None:
    run_id = db.new_run()
    set_(db, run_id, {f"k{n}": "" for n in range(64)})
    for more in (
        {"one more": ""},
        {"k0": "other", "one more": ""},
        {"never there": None, "one more": ""},
    ):
        with db.refused("WF422", argument="attributes", count=65, limit=64):
            set_(db, run_id, more)
    # What is there already takes no more room, and what goes makes some.
    set_(db, run_id, {f"k{n}": "other" for n in range(64)})
    set_(db, run_id, {"k0": None, "one more": ""})
    assert len(attributes_of(db, run_id)) == 64


def test_65_in_one_call_are_too_many(db: Session) -> None:
    run_id = db.new_run()
    with db.refused("WF422", count=65):
        set_(db, run_id, {f"k{n}": "" for n in range(65)})


def _event_of(size: int) -> dict[str, str]:
    """Attributes whose event has so many bytes, as JSON.stringify writes it."""
    attributes = {f'"{n}ä\n': f"\\{SMILE}" + "v" * 200 for n in range(30)}
    facts = {
        "changes": [{"key": k, "value": v} for k, v in attributes.items()],
        "writer": {"type": "api"},
    }
    compact = json.dumps(facts, separators=(",", ":"), ensure_ascii=False)
    missing = size - len(compact.encode())
    for key in attributes:
        filled = min(missing, 50)
        attributes[key] += "v" * filled
        missing -= filled
    assert missing == 0
    return attributes


def test_an_event_has_8192_bytes_at_most(db: Session) -> None:
    run_id = db.new_run()
    set_(db, run_id, _event_of(8192))
    with db.refused("WF422", argument="attributes", bytes=8193, limit=8192):
        set_(db, run_id, _event_of(8193))


@pytest.mark.parametrize(
    "value",
    [
        *({}, [], "", 'a, b: "c"', 1.5, True, None, {"a": {}}, [[], [1, 2]]),
        {"a": [1, {"b": None, "c": "ä, :"}], "d": {"e": [{}, {"f": "\n"}]}},
    ],
)
def test_json_is_measured_without_optional_spaces(db: Session, value: object) -> None:
    compact = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    measured = db.value("select workflow_pg_private.json_bytes(%s)", Jsonb(value))
    assert measured == len(compact.encode())


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_attributes_outlive_the_end_of_their_run(db: Session, status: str) -> None:
    run_id = db.new_run()
    set_(db, run_id, {"a": "1"})
    db.append(run_id, f"run_{status}")
    assert attributes_of(db, run_id) == {"a": "1"}
    with db.refused("WF409", run_status=status, event="attr_set", entity="run"):
        set_(db, run_id, {"a": "2"})
