"""Writing and closing: indexes, repeats, what comes after the close, refusals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import Row, Session, new_run_id

STREAM = {"run_id": "wrun_hc_of_no_run", "name": "strm_x_user"}
MIB = 1024 * 1024


def write(db: Session, *chunks: bytes | None, **options: object) -> Row:
    """The reply of a write."""
    (reply,) = db.call("write_stream", **{**STREAM, "chunks": [*chunks], **options})
    return reply


def write_large(db: Session, count: int, size: int) -> None:
    """Write chunks that the server makes."""
    db.rows(
        "select * from workflow_pg.write_stream(%s, %s,"
        " array_fill(repeat('x', %s)::bytea, array[%s]))",
        *(*STREAM.values(), size, count),
    )


def close(db: Session, **options: object) -> Row:
    """The reply of a close."""
    (reply,) = db.call("close_stream", **{**STREAM, **options})
    return reply


def chunks(db: Session, name: str = STREAM["name"]) -> list[tuple[int, bytes]]:
    """What is stored of a stream."""
    rows = db.rows(
        "select index, data from workflow_pg.stream_chunks where name = %s"
        " order by index",
        name,
    )
    return [(row["index"], row["data"]) for row in rows]


def stored(db: Session) -> list[Any]:
    """The number of chunks of each stream, as its row has it."""
    return [
        row["chunk_count"] for row in db.rows("select * from workflow_pg.streams as s")
    ]


def test_chunks_get_indexes_from_0_without_gaps(db: Session) -> None:
    assert write(db, b"a") == {
        **STREAM,
        "first_index": 0,
        "chunk_count": 1,
        "is_closed": False,
    }
    assert write(db, b"b", b"", b"c")["first_index"] == 1
    assert write(db, b"d")["first_index"] == 4
    assert chunks(db) == [(0, b"a"), (1, b"b"), (2, b""), (3, b"c"), (4, b"d")]
    assert stored(db) == [5]


def test_a_write_of_nothing_is_nothing(db: Session) -> None:
    with db.nothing_written():
        reply = write(db, writer="w", seq=0)
    assert (reply["first_index"], reply["chunk_count"]) == (None, 0)


def test_streams_of_one_name_do_not_mix(db: Session) -> None:
    for run_id in (new_run_id(), new_run_id()):
        for data in (b"a", b"b"):
            write(db, data, run_id=run_id)
    assert chunks(db) == [(0, b"a"), (0, b"a"), (1, b"b"), (1, b"b")]


def test_what_is_written_after_the_close_is_ignored_and_says_so(db: Session) -> None:
    write(db, b"a")
    closed = close(db)
    assert (closed["tail_index"], closed["closed_at"] is None) == (0, False)
    with db.nothing_written():
        reply = write(db, b"late", writer="w", seq=0)
        assert (reply["first_index"], reply["chunk_count"]) == (None, 0)
        assert reply["is_closed"]
        assert write(db, b"later")["is_closed"]


def test_closing_again_changes_nothing(db: Session) -> None:
    write(db, b"a")
    first = close(db)
    db.set_clock(timedelta(hours=1))
    with db.nothing_written():
        assert close(db) == first


def test_a_stream_that_nobody_has_written_to_can_be_closed(db: Session) -> None:
    reply = close(db)
    assert reply["tail_index"] == -1
    assert reply["closed_at"] == reply["created_at"]
    with db.nothing_written():
        assert write(db, b"late")["is_closed"]


def test_a_repeat_of_the_newest_write_gets_the_first_answer(db: Session) -> None:
    write(db, b"before")
    first = write(db, b"a", b"b", writer="w", seq=7)
    write(db, b"after")
    with db.nothing_written():
        assert write(db, b"a", b"b", writer="w", seq=7) == first
    assert first["first_index"] == 1
    assert [data for _, data in chunks(db)] == [b"before", b"a", b"b", b"after"]


def test_a_repeat_after_the_close_gets_the_first_answer(db: Session) -> None:
    first = write(db, b"a", writer="w", seq=0)
    close(db)
    with db.nothing_written():
        assert write(db, b"a", writer="w", seq=0) == first
        assert write(db, b"b", writer="w", seq=1)["is_closed"]


def test_equal_chunks_under_another_number_are_another_write(db: Session) -> None:
    for writer, seq in (("w", 0), ("w", 1), ("w", 9), ("v", 9)):
        write(db, b"a", writer=writer, seq=seq)
    write(db, b"a")
    assert stored(db) == [5]


@pytest.mark.parametrize("other", [[b"b"], [b"a", b""], [b"", b"a"], [b"ab"]], ids=repr)
def test_a_number_that_stands_for_other_chunks_is_refused(
    db: Session, other: list[bytes]
) -> None:
    write(db, b"a", writer="w", seq=0)
    with db.refused("WF409", entity="stream_write", writer="w", seq=0):
        write(db, *other, writer="w", seq=0)


def test_chunks_that_are_split_otherwise_are_other_chunks(db: Session) -> None:
    write(db, b"ab", b"c", writer="w", seq=0)
    with db.refused("WF409", seq=0):
        write(db, b"a", b"bc", writer="w", seq=0)


@pytest.mark.parametrize("state", ["open", "closed"])
def test_a_number_before_the_newest_comes_late(db: Session, state: str) -> None:
    write(db, b"a", writer="w", seq=3)
    if state == "closed":
        close(db)
    with db.refused("WF409", writer="w", seq=2, newest_seq=3):
        write(db, b"a", writer="w", seq=2)


def test_a_writer_is_one_row_however_much_it_writes(db: Session) -> None:
    for seq in range(20):
        write(db, b"a", writer="w", seq=seq)
    assert db.value("select count(*) from workflow_pg_private.stream_writers") == 1


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"run_id": None}, "run id"),
        ({"run_id": ""}, "run id"),
        ({"run_id": "x" * 256}, "run id"),
        ({"run_id": "a\nb"}, "run id"),
        ({"name": None}, "stream name"),
        ({"name": ""}, "stream name"),
        ({"name": "x" * 1025}, "stream name"),
        ({"name": "a\x1b[2J"}, "stream name"),
        ({"chunks": None}, "chunks"),
        ({"chunks": [b"a", None]}, "chunks"),
        ({"chunks": [b""] * 1001}, "chunks"),
        ({"chunks": [[b"a"], [b"b"]]}, "chunks"),
        ({"writer": "w"}, "seq"),
        ({"seq": 0}, "writer"),
        ({"writer": "", "seq": 0}, "writer"),
        ({"writer": "x" * 256, "seq": 0}, "writer"),
        ({"writer": "w", "seq": -1}, "seq"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_malformed_write_is_refused(
    db: Session, options: dict[str, Any], argument: str
) -> None:
    with db.refused("WF400", argument=argument):
        db.call("write_stream", **{**STREAM, "chunks": [b"a"], **options})


@pytest.mark.parametrize("function", ["close_stream", "get_stream", "read_stream"])
@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"run_id": None}, "run id"),
        ({"run_id": "x" * 256}, "run id"),
        ({"name": None}, "stream name"),
        ({"name": "x" * 1025}, "stream name"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_malformed_stream_is_refused_everywhere(
    db: Session, function: str, options: dict[str, Any], argument: str
) -> None:
    with db.refused("WF400", argument=argument):
        db.call(function, **{**STREAM, **options})


def test_the_largest_chunk_and_names_are_accepted(db: Session) -> None:
    assert write(db, b"a", run_id="r" * 255, name="n" * 1024)["first_index"] == 0
    assert write(db, *[b""] * 1000)["chunk_count"] == 1000
    write_large(db, 1, 16 * MIB)


def test_a_chunk_that_is_too_large_is_refused(db: Session) -> None:
    with db.refused("WF413", bytes=16 * MIB + 1, limit=16 * MIB):
        write_large(db, 1, 16 * MIB + 1)


def test_too_much_at_once_is_refused(db: Session) -> None:
    with db.refused("WF413", bytes=80 * MIB, limit=64 * MIB):
        write_large(db, 5, 16 * MIB)
    write_large(db, 4, 16 * MIB)
    assert stored(db) == [4]


def test_a_write_that_is_rolled_back_leaves_no_gap(db: Session) -> None:
    write(db, b"a", writer="w", seq=0)
    with db.nothing_written():
        db.do("begin")
        write(db, b"b", writer="w", seq=1)
        close(db)
        db.do("rollback")
    assert write(db, b"b", writer="w", seq=1)["first_index"] == 1


def test_times_are_those_of_the_first_write_and_of_the_close(db: Session) -> None:
    write(db, b"a")
    db.set_clock(timedelta(hours=1))
    write(db, b"b")
    reply = close(db)
    gap = reply["closed_at"] - reply["created_at"]
    assert timedelta(hours=1) <= gap < timedelta(hours=2)
