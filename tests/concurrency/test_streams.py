"""Sessions that meet at one stream: writers, a close, a repeat, a reader."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from tests.concurrency.sessions import PATIENCE, Rival
from tests.support import Row, Session

Open = Callable[[], Rival]

STREAM = {"run_id": "wrun_hc_of_no_run", "name": "strm_x_user"}


def write(session: Session, *chunks: bytes, **options: object) -> Row:
    """The reply of a write."""
    (reply,) = session.call(
        "write_stream", **{**STREAM, "chunks": [*chunks], **options}
    )
    return reply


def close(session: Session) -> Row:
    """The reply of a close."""
    (reply,) = session.call("close_stream", **STREAM)
    return reply


def page(session: Session) -> Row:
    """The first page."""
    (found,) = session.call("read_stream", **STREAM, limit=1000)
    return found


@pytest.mark.parametrize("count", [0, 1])
def test_writers_get_indexes_in_the_order_of_their_commits(
    db: Session, rival: Open, count: int
) -> None:
    for _ in range(count):
        write(db, b"before")
    first, *others = [rival() for _ in range(6)]
    with first.open():
        write(first.session, b"first", b"first")
        calls = [other.blocked(lambda s: write(s, b"x", b"y")) for other in others]
        assert page(db)["tail_index"] == count - 1
    indexes = sorted(call.result(PATIENCE)["first_index"] for call in calls)
    assert indexes == [count + 2 * n for n in range(1, 6)]
    found = page(db)
    assert found["tail_index"] == count + 11
    assert found["chunks"][count:] == [b"first", b"first", *[b"x", b"y"] * 5]


def test_what_a_writer_rolls_back_the_next_one_gets(db: Session, rival: Open) -> None:
    first, second = rival(), rival()
    first.session.do("begin")
    write(first.session, b"never", b"was")
    call = second.blocked(lambda s: write(s, b"a"))
    first.session.do("rollback")
    assert call.result(PATIENCE)["first_index"] == 0
    assert page(db)["chunks"] == [b"a"]


@pytest.mark.parametrize("count", [0, 1])
def test_a_write_that_waits_for_a_close_is_ignored(
    db: Session, rival: Open, count: int
) -> None:
    for _ in range(count):
        write(db, b"before")
    closer, writer = rival(), rival()
    with closer.open():
        close(closer.session)
        call = writer.blocked(lambda s: write(s, b"late", writer="w", seq=0))
    assert call.result(PATIENCE)["is_closed"]
    assert page(db)["chunks"] == [b"before"] * count
    assert db.value("select count(*) from workflow_pg_private.stream_writers") == 0


@pytest.mark.parametrize("count", [0, 1])
def test_a_close_that_waits_for_a_write_comes_after_it(
    db: Session, rival: Open, count: int
) -> None:
    for _ in range(count):
        write(db, b"before")
    writer, closer = rival(), rival()
    with writer.open():
        write(writer.session, b"last")
        call = closer.blocked(close)
    reply = call.result(PATIENCE)
    assert reply["tail_index"] == count
    assert reply["closed_at"] >= reply["created_at"]
    assert page(db)["chunks"] == [b"before"] * count + [b"last"]


@pytest.mark.parametrize("count", [0, 1])
def test_of_two_closes_the_first_counts(db: Session, rival: Open, count: int) -> None:
    for _ in range(count):
        write(db, b"before")
    first, second = rival(), rival()
    with first.open():
        closed = close(first.session)
        call = second.blocked(close)
    assert call.result(PATIENCE) == closed


def test_a_repeat_that_waits_for_its_first_try_gets_its_answer(
    db: Session, rival: Open
) -> None:
    write(db, b"before")
    first, repeat, other = rival(), rival(), rival()
    with first.open():
        answer = write(first.session, b"a", b"b", writer="w", seq=0)
        call = repeat.blocked(lambda s: write(s, b"a", b"b", writer="w", seq=0))
        third = other.blocked(lambda s: write(s, b"c", writer="v", seq=0))
    assert call.result(PATIENCE) == answer
    assert third.result(PATIENCE)["first_index"] == 3
    assert page(db)["chunks"] == [b"before", b"a", b"b", b"c"]


def test_a_repeat_of_a_try_that_failed_is_the_write(db: Session, rival: Open) -> None:
    first, repeat = rival(), rival()
    first.session.do("begin")
    write(first.session, b"a", writer="w", seq=0)
    call = repeat.blocked(lambda s: write(s, b"a", writer="w", seq=0))
    first.session.do("rollback")
    assert call.result(PATIENCE)["first_index"] == 0
    assert page(db)["chunks"] == [b"a"]


def test_a_try_that_was_given_up_comes_too_late(db: Session, rival: Open) -> None:
    blocker, late = rival(), rival()
    with blocker.open():
        write(blocker.session, b"x", writer="w", seq=1)
        call = late.blocked(lambda s: write(s, b"given up", writer="w", seq=0))
    error = call.exception(PATIENCE)
    assert isinstance(error, psycopg.Error)
    assert error.sqlstate == "WF409"
    assert page(db)["chunks"] == [b"x"]


def test_a_killed_writer_leaves_no_gap(db: Session, rival: Open) -> None:
    blocker, victim = rival(), rival()
    with blocker.open():
        write(blocker.session, b"a")
        call = victim.blocked(lambda s: write(s, b"never", b"was"))
        victim.terminate(call)
    assert write(db, b"b")["first_index"] == 1


def test_writers_of_different_streams_do_not_wait(db: Session, rival: Open) -> None:
    first, second = rival(), rival()
    with first.open():
        write(first.session, b"a")
        assert write(second.session, b"b", name="another")["first_index"] == 0
        assert write(second.session, b"b", run_id="another")["first_index"] == 0


def test_two_new_streams_of_a_run_do_not_wait_and_are_both_listed(
    db: Session, rival: Open
) -> None:
    write(db, b"a", name="z")
    first, second = rival(), rival()
    with first.open(), second.open():
        write(first.session, b"a", name="y")
        write(second.session, b"a", name="x")
    write(db, b"a", name="a")
    found = db.call("list_streams", run_id=STREAM["run_id"])
    assert [stream["name"] for stream in found] == ["z", "x", "y", "a"]


def test_a_reader_sees_a_prefix_while_others_write(db: Session, rival: Open) -> None:
    write(db, b"a")
    writer, reader = rival(), rival()
    with writer.open():
        write(writer.session, b"b")
        close(writer.session)
        found = page(reader.session)
        assert (found["chunks"], found["is_closed"]) == ([b"a"], False)
    found = page(reader.session)
    assert (found["chunks"], found["is_closed"]) == ([b"a", b"b"], True)


def test_an_announcement_does_not_wait_for_a_writer(db: Session, rival: Open) -> None:
    writer, reader = rival(), rival()
    waiting = {
        "reader_ids": ["r"],
        "run_ids": [STREAM["run_id"]],
        "names": [STREAM["name"]],
    }
    with writer.open():
        write(writer.session, b"a")
        assert (
            reader.session.call("announce_readers", **waiting, next_indexes=[0]) == []
        )
        reader.session.call("withdraw_readers", **waiting)
    found = reader.session.call("announce_readers", **waiting, next_indexes=[0])
    assert [row["announce_readers"] for row in found] == ["r"]


def test_a_repeatable_read_transaction_is_told_to_repeat(
    db: Session, rival: Open
) -> None:
    write(db, b"a")
    late = rival()
    late.session.do("begin isolation level repeatable read")
    assert page(late.session)["tail_index"] == 0
    write(db, b"b")
    with pytest.raises(psycopg.errors.SerializationFailure):
        write(late.session, b"c")
    late.session.do("rollback")
    assert write(late.session, b"c")["first_index"] == 2
