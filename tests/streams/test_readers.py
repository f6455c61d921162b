"""Announcements and notifications: who is told of what, and who only polls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.support import Session, connect

RUN = "wrun_hc_of_no_run"
NAME = "strm_x_user"


@pytest.fixture
def listener(db: Session) -> Iterator[Session]:
    """A session that hears of streams."""
    with connect(db.dsn) as session:
        session.do("listen workflow_pg_streams")
        yield session


def heard(listener: Session) -> list[str]:
    """What was sent since it was last asked: a marker of our own ends the wait."""
    with connect(listener.dsn) as other:
        other.do("select pg_notify('workflow_pg_streams', 'the end')")
    payloads: list[str] = []
    for notification in listener.conn.notifies(timeout=30):
        if notification.payload == "the end":
            return payloads
        payloads.append(notification.payload)
    raise AssertionError("not even the marker came")


def write(db: Session, count: int = 1, name: str = NAME) -> None:
    """Append chunks."""
    db.call("write_stream", run_id=RUN, name=name, chunks=[b"x"] * count)


def announce(
    db: Session, next_index: int, reader: str = "reader", **options: Any
) -> bool:
    """Whether the reader need not wait."""
    found = db.call(
        "announce_readers",
        reader_ids=[reader],
        run_ids=[RUN],
        names=[options.pop("name", NAME)],
        next_indexes=[next_index],
        **options,
    )
    return [row["announce_readers"] for row in found] == [reader]


def test_nobody_is_notified_who_has_not_announced_itself(
    db: Session, listener: Session
) -> None:
    write(db)
    db.call("close_stream", run_id=RUN, name=NAME)
    assert heard(listener) == []


def test_a_reader_is_told_of_the_chunk_it_waits_for(
    db: Session, listener: Session
) -> None:
    assert not announce(db, 0)
    write(db)
    assert heard(listener) == ["reader"]
    assert announce(db, 0)


def test_each_reader_is_told_by_its_own_id(db: Session, listener: Session) -> None:
    announce(db, 0, "a")
    announce(db, 0, "b")
    announce(db, 0, "c", name="another")
    write(db)
    assert sorted(heard(listener)) == ["a", "b"]


def test_a_reader_is_told_in_the_transaction_of_the_write(
    db: Session, listener: Session
) -> None:
    announce(db, 0)
    db.do("begin")
    write(db)
    assert heard(listener) == []
    db.do("commit")
    assert heard(listener) == ["reader"]


def test_a_write_that_does_not_reach_the_reader_tells_it_nothing(
    db: Session, listener: Session
) -> None:
    assert not announce(db, 5)
    write(db, 5)
    assert heard(listener) == []
    write(db)
    assert heard(listener) == ["reader"]


def test_a_reader_that_does_not_come_is_soon_told_no_more(
    db: Session, listener: Session
) -> None:
    announce(db, 0)
    for _ in range(50):
        write(db)
    assert 1 <= len(heard(listener)) <= 12
    announce(db, 50)
    write(db)
    assert heard(listener) == ["reader"]


def test_a_reader_is_told_of_the_close_wherever_it_is(
    db: Session, listener: Session
) -> None:
    write(db)
    announce(db, 1, "a")
    announce(db, 100, "b")
    db.call("close_stream", run_id=RUN, name=NAME)
    assert sorted(heard(listener)) == ["a", "b"]
    # It is closed once.
    db.call("close_stream", run_id=RUN, name=NAME)
    assert heard(listener) == []


def test_an_announcement_expires(db: Session, listener: Session) -> None:
    announce(db, 0, hints_for=timedelta(seconds=30))
    db.set_clock(timedelta(seconds=31))
    write(db)
    assert heard(listener) == []


def test_an_announcement_is_written_again_only_when_that_is_needed(
    db: Session,
) -> None:
    db.set_clock(db.now())
    announce(db, 0)
    with db.nothing_written():
        announce(db, 0)
    db.set_clock(db.now() + timedelta(seconds=14))
    with db.nothing_written():
        announce(db, 0)
    db.set_clock(db.now() + timedelta(seconds=2))
    announce(db, 0)
    (row,) = db.rows("select * from workflow_pg_private.stream_readers")
    assert row["expires_at"] == db.now() + timedelta(seconds=30)
    announce(db, 1)
    (row,) = db.rows("select * from workflow_pg_private.stream_readers")
    assert row["next_index"] == 1


def test_whoever_only_asks_writes_nothing_and_is_told_nothing(
    db: Session, listener: Session
) -> None:
    with db.nothing_written():
        assert not announce(db, 0, hints_for=None)
    write(db)
    assert heard(listener) == []
    with db.nothing_written():
        assert announce(db, 0, hints_for=None)


def test_news_are_a_chunk_or_the_close(db: Session) -> None:
    assert not announce(db, 0)
    write(db)
    assert announce(db, 0)
    assert not announce(db, 1)
    assert not announce(db, 100)
    db.call("close_stream", run_id=RUN, name=NAME)
    assert announce(db, 0)
    assert announce(db, 1)
    assert announce(db, 100)


def test_many_readers_ask_in_one_call(db: Session) -> None:
    names = [f"stream {n}" for n in range(1000)]
    write(db, name=names[7])
    write(db, 2, name=names[500])
    ids = [f"reader {n}" for n in range(1000)]
    found = db.call(
        "announce_readers",
        reader_ids=ids,
        run_ids=[RUN] * 1000,
        names=names,
        next_indexes=[1] * 1000,
    )
    assert [row["announce_readers"] for row in found] == [ids[500]]
    count = "select count(*) from workflow_pg_private.stream_readers"
    assert db.value(count) == 1000
    db.call("withdraw_readers", reader_ids=ids, run_ids=[RUN] * 1000, names=names)
    assert db.value(count) == 0


def test_a_reader_that_is_named_twice_waits_for_the_first_of_its_chunks(
    db: Session,
) -> None:
    db.call(
        "announce_readers",
        reader_ids=["r", "r"],
        run_ids=[RUN, RUN],
        names=[NAME, NAME],
        next_indexes=[7, 3],
    )
    (row,) = db.rows("select * from workflow_pg_private.stream_readers")
    assert row["next_index"] == 3


def test_a_withdrawn_reader_is_told_nothing(db: Session, listener: Session) -> None:
    announce(db, 0, "a")
    announce(db, 0, "b")
    db.call("withdraw_readers", reader_ids=["a"], run_ids=[RUN], names=[NAME])
    write(db)
    assert heard(listener) == ["b"]
    with db.nothing_written():
        db.call("withdraw_readers", reader_ids=["a"], run_ids=[RUN], names=[NAME])


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"reader_ids": None}, "reader ids"),
        ({"reader_ids": ["a", "b"]}, "reader ids"),
        ({"run_ids": []}, "reader ids"),
        ({"names": None}, "reader ids"),
        ({"reader_ids": [None]}, "reader id"),
        ({"reader_ids": ["x" * 65]}, "reader id"),
        ({"run_ids": ["x" * 256]}, "run id"),
        ({"names": [""]}, "stream name"),
        (
            {n: ["x"] * 1001 for n in ("reader_ids", "run_ids", "names")}
            | {"next_indexes": [0] * 1001},
            "reader ids",
        ),
        ({"next_indexes": None}, "next indexes"),
        ({"next_indexes": [None]}, "next indexes"),
        ({"next_indexes": [1, 2]}, "next indexes"),
        ({"hints_for": timedelta(seconds=-1)}, "hints for"),
        ({"hints_for": timedelta(minutes=61)}, "hints for"),
        ({"hints_for": timedelta.max}, "hints for"),
    ],
)
def test_a_malformed_announcement_is_refused(
    db: Session, options: dict[str, Any], argument: str
) -> None:
    told: dict[str, Any] = {
        "reader_ids": ["r"],
        "run_ids": [RUN],
        "names": [NAME],
        "next_indexes": [0],
    }
    with db.refused("WF400", argument=argument):
        db.call("announce_readers", **{**told, **options})


@pytest.mark.parametrize(
    "options", [{"reader_ids": [None]}, {"names": []}, {"run_ids": ["x" * 256]}]
)
def test_a_malformed_withdrawal_is_refused(
    db: Session, options: dict[str, Any]
) -> None:
    announce(db, 0, "r")
    told: dict[str, Any] = {"reader_ids": ["r"], "run_ids": [RUN], "names": [NAME]}
    with db.refused("WF400"):
        db.call("withdraw_readers", **{**told, **options})
