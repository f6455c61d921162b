"""What maintain() removes of streams, and what it leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import LiteralString

from tests.support import Session, new_run_id

WRITERS: LiteralString = "select count(*) from workflow_pg_private.stream_writers"
READERS: LiteralString = "select count(*) from workflow_pg_private.stream_readers"


def write(db: Session, run_id: str) -> None:
    """One numbered write."""
    db.call("write_stream", run_id=run_id, name="s", chunks=[b"x"], writer="w", seq=0)


def test_a_writer_goes_an_hour_after_it_wrote_to_a_stream_that_is_closed(
    db: Session,
) -> None:
    write(db, "closed")
    db.call("close_stream", run_id="closed", name="s")
    write(db, "open")
    db.set_clock(timedelta(minutes=59))
    assert db.call("maintain")[0]["forgotten"] == 0
    db.set_clock(timedelta(minutes=61))
    assert db.call("maintain")[0]["forgotten"] == 1
    (left,) = db.rows("select run_id from workflow_pg_private.stream_writers")
    assert left["run_id"] == "open"


def test_a_writer_goes_an_hour_after_it_wrote_to_a_stream_of_a_run_that_is_over(
    db: Session,
) -> None:
    over, live = db.new_run("completed"), db.new_run()
    db.set_clock(timedelta(hours=2))
    write(db, over)
    write(db, live)
    db.call("maintain")
    assert db.value(WRITERS) == 2
    db.set_clock(timedelta(hours=3, minutes=1))
    db.call("maintain")
    (left,) = db.rows("select run_id from workflow_pg_private.stream_writers")
    assert left["run_id"] == live


def test_many_writers_are_forgotten_a_page_at_a_time(db: Session) -> None:
    for _ in range(10):
        run_id = new_run_id()
        write(db, run_id)
        db.call("close_stream", run_id=run_id, name="s")
    db.set_clock(timedelta(hours=2))
    forgotten: list[int] = []
    after: str | None = ""
    while after is not None:
        (done,) = db.call("maintain", after=after, limit=4)
        forgotten.append(done["forgotten"])
        after = done["next_after"]
    assert forgotten == [4, 4, 2]


def test_readers_that_were_not_heard_of_again_go(db: Session) -> None:
    for name, seconds in (("short", 1), ("long", 100)):
        db.call(
            "announce_readers",
            reader_ids=["r"],
            run_ids=["x"],
            names=[name],
            next_indexes=[0],
            hints_for=timedelta(seconds=seconds),
        )
    db.set_clock(timedelta(seconds=10))
    db.call("maintain")
    assert db.value(READERS) == 1


def test_chunks_stay_when_their_run_is_over(db: Session) -> None:
    run_id = db.new_run()
    write(db, run_id)
    db.append(run_id, "run_completed")
    db.set_clock(timedelta(days=30))
    db.call("maintain")
    (page,) = db.call("read_stream", run_id=run_id, name="s")
    assert page["chunks"] == [b"x"]
