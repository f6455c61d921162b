"""Pages, the state of a stream, and lists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import Row, Session, connect

RUN = "wrun_hc_of_no_run"
NAME = "strm_x_user"
STREAM = {"run_id": RUN, "name": NAME}
KIB = 1024


def fill(db: Session, count: int, size: int = 1, name: str = NAME) -> None:
    """A stream of chunks that are numbered where they are large enough."""
    chunks = [f"{n}".encode().ljust(size) for n in range(count)]
    db.call("write_stream", run_id=RUN, name=name, chunks=chunks)


def page(db: Session, **options: object) -> Row:
    """One page of the stream."""
    (found,) = db.call("read_stream", **STREAM, **options)
    return found


def numbers(found: Row) -> list[int]:
    """The numbers in the chunks of a page."""
    return [int(data) for data in found["chunks"]]


def test_a_stream_of_nobody_is_empty_and_open(db: Session) -> None:
    with db.nothing_written():
        assert page(db) == {
            "first_index": 0,
            "chunks": [],
            "tail_index": -1,
            "is_closed": False,
        }
        (stream,) = db.call("get_stream", **STREAM)
    assert stream == {**STREAM, "tail_index": -1, "created_at": None, "closed_at": None}


def test_pages_follow_each_other_to_the_end(db: Session) -> None:
    fill(db, 25)
    read: list[int] = []
    while len(read) < 25:
        found = page(db, start=len(read), limit=10)
        assert found["first_index"] == len(read)
        assert (found["tail_index"], found["is_closed"]) == (24, False)
        read += numbers(found)
    assert read == list(range(25))
    assert page(db, start=25)["chunks"] == []


def test_a_page_has_100_chunks_unless_told(db: Session) -> None:
    fill(db, 1000)
    assert len(page(db)["chunks"]) == 100
    assert len(page(db, limit=1000)["chunks"]) == 1000


@pytest.mark.parametrize(
    ("start", "first"), [(-1, 4), (-3, 2), (-5, 0), (-6, 0), (-(2**53) + 1, 0)]
)
def test_a_negative_start_counts_from_the_end(
    db: Session, start: int, first: int
) -> None:
    fill(db, 5)
    found = page(db, start=start)
    assert found["first_index"] == first
    assert numbers(found) == list(range(first, 5))
    db.call("close_stream", **STREAM)
    # The close is no chunk and does not count.
    assert numbers(page(db, start=start)) == list(range(first, 5))


def test_a_negative_start_of_an_empty_stream_is_its_beginning(db: Session) -> None:
    assert page(db, start=-3)["first_index"] == 0
    db.call("close_stream", **STREAM)
    assert page(db, start=-3)["first_index"] == 0


@pytest.mark.parametrize("start", [5, 6, 2**53 - 1])
def test_a_start_beyond_the_end_is_an_empty_page(db: Session, start: int) -> None:
    fill(db, 5)
    found = page(db, start=start)
    assert (found["first_index"], found["chunks"]) == (start, [])
    assert (found["tail_index"], found["is_closed"]) == (4, False)
    db.call("close_stream", **STREAM)
    assert page(db, start=start)["is_closed"]


def test_a_page_may_have_more_after_it_though_the_stream_is_closed(db: Session) -> None:
    fill(db, 5)
    db.call("close_stream", **STREAM)
    found = page(db, limit=2)
    assert (found["is_closed"], len(found["chunks"]), found["tail_index"]) == (
        *(True, 2),
        4,
    )


def test_a_page_has_at_most_1_mib(db: Session) -> None:
    fill(db, 10, 300 * KIB)
    assert numbers(page(db)) == [0, 1, 2]
    assert numbers(page(db, start=3)) == [3, 4, 5]


def test_a_page_has_its_first_chunk_whatever_its_size(db: Session) -> None:
    fill(db, 3, 2000 * KIB)
    assert [numbers(page(db, start=n)) for n in range(4)] == [[0], [1], [2], []]


@pytest.mark.parametrize("start", [None, 2**53, -(2**53), 2**63 - 1, -(2**63)])
def test_a_start_that_is_no_index_is_refused(db: Session, start: int | None) -> None:
    with db.refused("WF400", argument="start"):
        page(db, start=start)


@pytest.mark.parametrize("limit", [None, 0, -1, 1001])
@pytest.mark.parametrize("function", ["read_stream", "list_streams"])
def test_a_limit_that_is_none_is_refused(
    db: Session, function: str, limit: int | None
) -> None:
    stream: dict[str, Any] = STREAM if function == "read_stream" else {"run_id": RUN}
    with db.refused("WF400", argument="limit"):
        db.call(function, **stream, limit=limit)


def names(found: list[Row]) -> list[str]:
    """The names of streams."""
    return [stream["name"] for stream in found]


def test_streams_are_listed_in_the_order_of_their_creation(db: Session) -> None:
    # Within one millisecond, and after the clock has gone back.
    db.set_clock(db.now())
    for name in ("z", "a", "m"):
        fill(db, 1, name=name)
    db.set_clock(timedelta(hours=-1))
    fill(db, 2, name="b")
    db.call("close_stream", run_id=RUN, name="closed")
    fill(db, 1, name="z")
    db.call("write_stream", run_id="another", name="y", chunks=[b"x"])
    found = db.call("list_streams", run_id=RUN)
    assert names(found) == ["z", "a", "m", "b", "closed"]
    assert [stream["tail_index"] for stream in found] == [1, 0, 0, 1, -1]
    assert [stream["closed_at"] is None for stream in found] == [True] * 4 + [False]
    assert db.call("list_streams", run_id="nobody") == []


def test_lists_have_pages(db: Session) -> None:
    every = [f"{n:03d}" for n in range(120, 0, -1)]
    for name in every:
        fill(db, 1, name=name)
    assert names(db.call("list_streams", run_id=RUN)) == every[:100]
    rest = db.call("list_streams", run_id=RUN, after=every[99], limit=15)
    assert names(rest) == every[100:115]
    assert names(db.call("list_streams", run_id=RUN, after=every[-1])) == []


def test_a_list_goes_on_after_a_stream_that_is_there(db: Session) -> None:
    fill(db, 1)
    with db.refused("WF404", entity="stream", id="nobody", run_id=RUN):
        db.call("list_streams", run_id=RUN, after="nobody")


def buffers(session: Session, start: int) -> int:
    """How many pages of tables and indexes one call of read_stream looks at."""
    explained = session.value(
        "explain (analyze, buffers, format json)"
        " select * from workflow_pg.read_stream(%s, %s, %s)",
        *(RUN, NAME, start),
    )
    plan = explained[0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


@pytest.mark.one_major
def test_a_page_of_a_million_chunks_costs_what_a_page_of_a_thousand_does(
    dsn: str,
) -> None:
    with connect(dsn) as session:
        fill(session, 1000)
        buffers(session, 0)  # reads the catalog as well
        small = max(buffers(session, start) for start in (0, 500, 900, -100))
        session.do(
            "insert into workflow_pg.stream_chunks (run_id, name, index, data)"
            " select %s, %s, n, 'x' from generate_series(1000, 999999) as n",
            *(RUN, NAME),
        )
        session.do("update workflow_pg.streams set chunk_count = 1000000")
        starts = (0, 1, 500_000, 999_900, -100, -999_999, 999_999, 2_000_000)
        # Without statistics and with them; each time often enough for a generic plan.
        for statement in ("select 1", "analyze"):
            session.conn.execute(statement)
            buffers(session, 0)
            for start in starts * 2:
                # The index is deeper.
                assert buffers(session, start) <= small + 10
        (last,) = session.call("read_stream", **STREAM, start=-1)
        assert (last["first_index"], last["tail_index"]) == (999_999, 999_999)
