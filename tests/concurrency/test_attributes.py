"""Two sessions that change the attributes of one run at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.concurrency.fold import assert_sound
from tests.concurrency.sessions import PATIENCE, Rival, outcome
from tests.support import Row, Session, connect

Open = Callable[[], Rival]
Act = Callable[[Session], Row]
WRITERS = 8


def set_(
    session: Session,
    run_id: str,
    attributes: Mapping[str, str | None],
    correlation_id: str | None = None,
    **told: Any,
) -> Row:
    """The reply to an attr_set."""
    changes = [{"key": key, "value": value} for key, value in attributes.items()]
    writer = {"type": "workflow" if correlation_id else "api"}
    facts = {"changes": changes, "writer": writer}
    return session.append(run_id, "attr_set", correlation_id, facts=facts, **told)


def attributes_of(db: Session, run_id: str) -> dict[str, str]:
    """The attributes of a run, as it is read."""
    return db.call("get_run", run_id=run_id)[0]["attributes"]


def _full_but_one(db: Session) -> str:
    """A run that has room for one attribute more."""
    run_id = db.new_run()
    set_(db, run_id, {f"k{number}": "v" for number in range(63)})
    return run_id


def _race(first: Rival, second: Rival, one: Act, other: Act) -> str:
    """What comes of `other`, which waits for `one` to be committed."""
    with first.open():
        one(first.session)
        call = second.blocked(other)
    return outcome(call)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"a": "1"}, {"b": "1"}, "WF422"),
        ({"a": "1"}, {"b": "1", "k0": None}, "attr_set"),
        ({"a": "1"}, {"a": "2"}, "attr_set"),
        ({"a": "1"}, {"a": None, "b": "1"}, "attr_set"),
        ({"k0": None}, {"a": "1", "b": "1"}, "attr_set"),
        ({"k0": None}, {"k0": None, "a": "1", "b": "1", "c": "1"}, "WF422"),
    ],
)
def test_the_second_counts_what_the_first_has_left(
    db: Session,
    rival: Open,
    one: dict[str, str | None],
    other: dict[str, str | None],
    expected: str,
) -> None:
    run_id = _full_but_one(db)
    first, second = rival(), rival()
    told = _race(
        first,
        second,
        lambda s: set_(s, run_id, one),
        lambda s: set_(s, run_id, other),
    )
    assert told == expected
    assert len(attributes_of(db, run_id)) <= 64
    assert_sound(db, run_id)


def test_room_that_is_given_back_is_there_for_the_second(
    db: Session, rival: Open
) -> None:
    run_id = _full_but_one(db)
    first, second = rival(), rival()
    first.session.do("begin")
    set_(first.session, run_id, {"a": "1"})
    call = second.blocked(lambda s: set_(s, run_id, {"b": "1"}))
    first.session.do("rollback")
    assert outcome(call) == "attr_set"
    assert attributes_of(db, run_id).keys() - {"b"} == {f"k{n}" for n in range(63)}


def test_the_last_writer_of_a_key_stays_as_the_log_says(
    db: Session, rival: Open
) -> None:
    run_id = db.new_run()
    first, second = rival(), rival()
    told = _race(
        first,
        second,
        lambda s: set_(s, run_id, {"a": "first", "b": "first"}),
        lambda s: set_(s, run_id, {"b": "second", "a": None}),
    )
    assert told == "attr_set"
    assert attributes_of(db, run_id) == {"b": "second"}
    assert_sound(db, run_id)


def test_of_two_replays_one_records_the_call(db: Session, rival: Open) -> None:
    run_id = db.new_run()
    first, second = rival(), rival()
    told = _race(
        first,
        second,
        lambda s: set_(s, run_id, {"a": "1"}, "attr_1", dedup_key="one"),
        lambda s: set_(s, run_id, {"a": "1"}, "attr_1", dedup_key="other"),
    )
    assert told == "WF409"
    assert db.types(run_id).count("attr_set") == 1


def test_a_repeat_is_told_to_repeat_and_not_that_it_conflicts(
    db: Session, rival: Open
) -> None:
    run_id = db.new_run()
    first, second = rival(), rival()
    for correlation_id in ("attr_1", None):

        def call(session: Session, call_id: str | None = correlation_id) -> Row:
            return set_(session, run_id, {"a": "1"}, call_id, dedup_key=f"{call_id}")

        assert _race(first, second, call, call) == "40001"
        with db.nothing_written():
            assert call(db)["event_type"] == "attr_set"


@pytest.mark.parametrize("end", ["run_completed", "run_failed", "run_cancelled"])
def test_nothing_is_set_after_the_end(db: Session, rival: Open, end: str) -> None:
    run_id = db.new_run()
    first, second = rival(), rival()
    told = _race(
        first,
        second,
        lambda s: s.append(run_id, end),
        lambda s: set_(s, run_id, {"a": "1"}),
    )
    assert told == "WF409"
    assert attributes_of(db, run_id) == {}


def test_a_crowd_never_brings_more_than_64(db: Session) -> None:
    run_id = db.new_run()

    def write(number: int) -> Counter[str]:
        """What came of the calls of a writer, who sets keys of its own."""
        answers = Counter[str]()
        with connect(db.dsn) as session:
            for turn in range(16):
                try:
                    reply = set_(session, run_id, {f"w{number} {turn}": "v"})
                except psycopg.Error as error:
                    answers[error.sqlstate or ""] += 1
                else:
                    answers[reply["event_type"]] += 1
        return answers

    with ThreadPoolExecutor(WRITERS) as threads:
        told = threads.map(write, range(WRITERS), timeout=PATIENCE)
        answers = sum(told, Counter[str]())
    assert answers == {"attr_set": 64, "WF422": WRITERS * 16 - 64}
    assert len(attributes_of(db, run_id)) == 64
    assert_sound(db, run_id)
