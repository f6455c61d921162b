"""A run that is over is deleted, and nothing of it is left in any table."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg.sql import SQL, Identifier

from tests.support import LATER, SETS, WORKFLOW, Row, Session, new_run_id

# A run that is over has given its tokens back.
_EMPTY_AT_THE_END = {"hook_tokens"}


def _bury(db: Session, delivery: Row) -> None:
    names = ("run_id", "message_id", "lease_token")
    db.call("bury_message", error="why", **{name: delivery[name] for name in names})


def _full_run(db: Session) -> str:
    """A cancelled run that has left a row in every table."""
    run_id = new_run_id()
    told = {"workflow_name": WORKFLOW, "input": b"in", "dedup_key": "key"}
    db.call("create_keyed_run", start_key=run_id, run_id=run_id, **told)
    db.append(run_id, "run_started")
    db.new_step(run_id)
    db.append(run_id, "hook_created", "hook_1", facts={"token": f"token of {run_id}"})
    db.append(run_id, "wait_created", "wait_1", facts={"resumeAt": LATER})
    db.append(run_id, "attr_set", "attr_1", facts=SETS)
    kept = {"changes": [{"key": "$retention", "value": "0"}]}
    facts = {**kept, "writer": {"type": "api"}, "allowReservedAttributes": True}
    db.append(run_id, "attr_set", facts=facts)
    writer = {"writer": "w", "seq": 1}
    db.call("write_stream", run_id=run_id, name="s", chunks=[b"a"], **writer)
    db.call(
        "announce_readers",
        run_ids=[run_id],
        names=["s"],
        reader_ids=["r"],
        next_indexes=[1],
    )
    # As if it had come from another database.
    db.do(
        "insert into workflow_pg_private.imported_runs values (%s, now(), '')", run_id
    )
    db.call("announce_waiters", waiter_ids=["w"], run_ids=[run_id])
    (step,) = [m for m in db.claim() if m["run_id"] == run_id and m["kind"] == "step"]
    _bury(db, step)
    db.append(run_id, "run_cancelled")
    db.do("update workflow_pg_private.messages set lease_until = now() - interval '1m'"
          " where lease_token is not null")  # fmt: skip
    return run_id


def _counts(db: Session, run_id: str) -> dict[str, int]:
    """How many rows each table has of a run, whatever tables there are."""
    tables = db.rows(
        "select c.relnamespace::regnamespace::text as schema, c.relname as name"
        "  from pg_class as c join pg_attribute as a on a.attrelid = c.oid"
        " where c.relnamespace::regnamespace::text like 'workflow_pg%%'"
        "   and c.relkind in ('r', 'p') and a.attname = 'run_id'"
        "   and not a.attisdropped"
    )
    found: dict[str, int] = {}
    for table in tables:
        query = SQL("select count(*) as n from {} where run_id = {}").format(
            Identifier(table["schema"], table["name"]), run_id
        )
        found[table["name"]] = db.conn.execute(query).fetchall()[0]["n"]
    return found


def test_nothing_of_a_run_is_left_in_any_table(db: Session) -> None:
    other, run_id = _full_run(db), _full_run(db)
    before = _counts(db, run_id)
    empty = {name for name, count in before.items() if count == 0}
    assert empty == _EMPTY_AT_THE_END, "give the run of this test a row of each table"
    kept = _counts(db, other)

    (gone,) = db.call("delete_run", run_id=run_id)

    assert set(_counts(db, run_id).values()) == {0}
    assert _counts(db, other) == kept
    assert gone == {name: before[name] for name in gone}
    assert gone["events"] == before["events"] > 5


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_a_run_that_is_over_is_deleted(db: Session, status: str) -> None:
    run_id = db.new_run(status)
    (gone,) = db.call("delete_run", run_id=run_id)
    assert gone["events"] == 3
    with db.refused("WF404", entity="run", id=run_id):
        db.call("delete_run", run_id=run_id)


@pytest.mark.parametrize("status", ["pending", "running"])
def test_a_live_run_is_not_deleted(db: Session, status: str) -> None:
    run_id = db.new_run(status)
    with db.refused("WF409", run_id=run_id, status=status):
        db.call("delete_run", run_id=run_id)


def test_a_run_is_kept_while_a_worker_executes_a_step_of_it(db: Session) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    db.new_step(run_id, status="running")
    (delivery,) = db.claim("worker_1")
    db.append(run_id, "run_cancelled")
    with db.refused("WF409", run_id=run_id, worker_id="worker_1"):
        db.call("delete_run", run_id=run_id)

    # Its worker has died.
    db.set_clock(timedelta(seconds=16))
    (gone,) = db.call("delete_run", run_id=run_id)
    assert (gone["steps"], gone["messages"]) == (1, 1)
    names = ("run_id", "message_id", "lease_token")
    lease = {name: delivery[name] for name in names}
    with db.refused("WF404", entity="run"):
        db.append(
            run_id, "step_completed", "step_1", lease_token=delivery["lease_token"]
        )
    with db.nothing_written():
        db.call("ack_message", **lease)


def test_its_tokens_stay_those_of_who_holds_them_now(db: Session) -> None:
    old = db.new_run()
    db.append(old, "hook_created", "hook_1", facts={"token": "t"})
    db.append(old, "run_cancelled")
    new = db.new_run()
    db.append(new, "hook_created", "hook_1", facts={"token": "t"})
    db.call("delete_run", run_id=old)
    (hook,) = db.call("get_hook_by_token", token="t")
    assert hook["run_id"] == new


@pytest.mark.parametrize("run_id", [None, new_run_id()], ids=["null", "absent"])
def test_a_run_that_is_not_there_is_not_deleted(
    db: Session, run_id: str | None
) -> None:
    with db.refused("WF404", entity="run", id=run_id):
        db.call("delete_run", run_id=run_id)


def test_what_was_retried_may_go_before_its_retry(db: Session) -> None:
    old = db.new_run("failed")
    (new,) = db.call("retry_run", run_id=old)
    db.call("delete_run", run_id=old)
    assert db.log(new["run_id"])[0]["facts"]["retryOf"] == old
