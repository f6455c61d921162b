"""The same program leaves the same rows, whichever door it came in by."""

from __future__ import annotations

from datetime import timedelta
from typing import LiteralString

from tests.doors.checks import begin
from tests.doors.door import Door
from tests.doors.values import Entry
from tests.doors.verbs import Verbs
from tests.support import STEP, Row, Session, new_run_id

TABLES: list[LiteralString] = [
    "select * from workflow_pg.runs where run_id = %s",
    "select * from workflow_pg.events where run_id = %s order by seq",
    "select * from workflow_pg.steps where run_id = %s order by step_id",
    "select * from workflow_pg.hooks where run_id = %s order by hook_id",
    "select * from workflow_pg.waits where run_id = %s order by wait_id",
    "select * from workflow_pg.run_attributes where run_id = %s order by key",
    "select * from workflow_pg.stream_chunks where run_id = %s order by name",
    "select * from workflow_pg_private.messages where run_id = %s"
    " order by kind, step_id",
]


def test_the_rows_of_a_run_do_not_tell_its_door(door: Door, db: Session) -> None:
    db.set_clock(db.now())
    by_door, by_verbs = _program(door, db), _program(Verbs(db), db)
    for query in TABLES:
        rows = _left(db, query, by_door)
        assert rows == _left(db, query, by_verbs)
        assert rows


def _program(door: Door, db: Session) -> list[str]:
    """The ids of a live run, a cancelled one and one that has failed."""
    later = db.now() + timedelta(hours=1)
    live, cancelled, failed = begin(door), begin(door), new_run_id()
    door.set_attributes(live, {"colour": "blue", "size": None})
    for number in range(4):
        door.create_step(live, f"step_{number}", b"in")
    door.start_step(live, "step_0")
    door.retry_step(live, "step_0", b"once more", later)
    door.start_step(live, "step_1")
    door.complete_step(live, "step_1", b"done")
    door.fail_step(live, "step_2", b"no")
    door.start_new_step(live, "step_4", b"in")
    door.create_hook(live, "hook_1", f"token {live}", b"meta")
    door.create_hook(live, "hook_2", f"token {live}")
    door.receive_hook(live, "hook_1", b"x", "resume_1")
    door.create_wait(live, "wait_1", later)
    door.create_wait(live, "wait_2", later)
    door.complete_wait(live, "wait_2")
    batch = [
        Entry("wait_completed", "wait_1"),
        Entry("step_created", "step_5", b"in", {"stepName": STEP}),
    ]
    door.append_events(live, batch)
    door.write_stream(live, "strm_x_user", [b"a", b"b"])
    door.send_message(live, "hello", "key")
    door.create_step(cancelled, "step_1", b"in")
    door.create_hook(cancelled, "hook_1", f"token {cancelled}")
    door.create_wait(cancelled, "wait_1", later)
    door.cancel_run(cancelled, "ordered twice")
    door.create_run(failed, b"in", attributes={"tenant": "t1"})
    door.fail_run(failed, b"no", "USER_ERROR")
    return [live, cancelled, failed]


def _left(db: Session, query: LiteralString, run_ids: list[str]) -> list[Row]:
    """Rows without the ids of runs, and without what was drawn or is a time."""
    return [
        {
            name: str(value).replace(run_id, "RUN")
            for name, value in row.items()
            if name not in {"message_id", "body"}
            and not name.endswith(("_at", "_after"))
        }
        for run_id in run_ids
        for row in db.rows(query, run_id)
    ]
