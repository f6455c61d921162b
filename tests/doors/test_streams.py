"""Streams through every door: indexes from both ends, the end, and what comes after."""

from __future__ import annotations

import pytest

from tests.doors.checks import begin, refused
from tests.doors.door import Door
from tests.doors.table import through_those_with
from tests.support import Session

NAME = "strm_x_user"


def test_chunks_are_read_from_either_end(door: Door, db: Session) -> None:
    run_id = begin(door)
    assert door.get_stream(run_id, NAME) == (-1, False)
    assert door.read_stream(run_id, NAME, 0) == ([], False)
    door.write_stream(run_id, NAME, [b"a", b"", b"\0c"])
    door.write_stream(run_id, NAME, [b"d"])
    assert door.read_stream(run_id, NAME, 1) == (
        [(1, b""), (2, b"\0c"), (3, b"d")],
        False,
    )
    assert door.read_stream(run_id, NAME, -2) == ([(2, b"\0c"), (3, b"d")], False)
    assert door.read_stream(run_id, NAME, -9)[0][0] == (0, b"a")
    assert door.get_stream(run_id, NAME) == (3, False)
    assert door.list_streams(run_id) == [NAME]
    query = "select count(*) from workflow_pg.stream_chunks where run_id = %s"
    assert db.value(query, run_id) == 4


def test_a_closed_stream_takes_nothing_more(door: Door, db: Session) -> None:
    run_id = begin(door)
    door.write_stream(run_id, NAME, [b"a"])
    door.close_stream(run_id, NAME)
    with db.nothing_written():
        door.close_stream(run_id, NAME)
    with db.nothing_written():
        door.write_stream(run_id, NAME, [b"late"])
    assert door.read_stream(run_id, NAME, 0) == ([(0, b"a")], True)
    assert door.read_stream(run_id, NAME, 1) == ([], True)
    assert door.get_stream(run_id, NAME) == (0, True)


@through_those_with("follow_stream")
@pytest.mark.parametrize(("start", "found"), [(0, b"abc"), (-1, b"c"), (7, b"")])
def test_a_reader_follows_to_the_end(
    door: Door, db: Session, start: int, found: bytes
) -> None:
    run_id = begin(door)
    door.write_stream(run_id, NAME, [b"a", b"b", b"c"])
    door.close_stream(run_id, NAME)
    with db.nothing_written():
        assert b"".join(door.follow_stream(run_id, NAME, start)) == found


def test_a_stream_has_a_name(door: Door, db: Session) -> None:
    run_id = begin(door)
    with refused(db, 400):
        door.write_stream(run_id, "n" * 1025, [b"a"])
