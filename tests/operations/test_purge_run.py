"""The payloads of a run that is over are deleted; the run and its log stay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, LiteralString

import psycopg
import pytest

from tests.support import STEP, Session, new_run_id

NAMES = ("run_id", "message_id", "lease_token")


def _full_run(db: Session, end: str = "run_completed", **attributes: str) -> str:
    """A run that is over, with payloads wherever there may be some."""
    run_id = new_run_id()
    facts: dict[str, Any] = {"workflowName": "w", "deploymentId": "default"}
    if attributes:
        told = {
            "$retention" if k == "retention" else k: v for k, v in attributes.items()
        }
        facts |= {"attributes": told, "allowReservedAttributes": True}
    db.append(run_id, "run_created", facts=facts, payload=b"in")
    db.append(run_id, "run_started")
    db.new_step(run_id, "step_1", "completed")
    hook = {"token": f"token of {run_id}"}
    db.append(run_id, "hook_created", "hook_1", facts=hook, payload=b"metadata")
    db.append(run_id, "hook_received", "hook_1", payload=b"payload")
    db.call("write_stream", run_id=run_id, name="s", chunks=[b"a", b"b"])
    payload = None if end == "run_cancelled" else b"out"
    db.append(run_id, end, payload=payload)
    return run_id


def _payloads(db: Session, run_id: str) -> int:
    """How many payloads and chunks there are of a run."""
    events = sum(event["payload"] is not None for event in db.log(run_id))
    query: LiteralString = (
        "select count(*) from workflow_pg.stream_chunks where run_id = %s"
    )
    return events + db.value(query, run_id)


def test_all_payloads_of_a_run_are_deleted_and_nothing_else(db: Session) -> None:
    other, run_id = _full_run(db), _full_run(db)
    before, kept = db.log(run_id), _payloads(db, other)
    (gone,) = db.call("purge_run", run_id=run_id)
    assert gone == {"events": 6, "messages": 0, "streams": 1}
    assert (_payloads(db, run_id), _payloads(db, other)) == (0, kept)
    assert db.log(run_id) == [{**event, "payload": None} for event in before]
    assert db.call("verify_run", run_id=run_id) == []
    (run,) = db.call("get_run", run_id=run_id, with_input=False, with_outcome=False)
    assert (run["status"], run["expired_at"] is None) == ("completed", False)
    listed = {row["run_id"]: row["expired_at"] for row in db.call("list_runs")}
    assert listed == {run_id: run["expired_at"], other: None}
    (stream,) = db.call("list_streams", run_id=run_id)
    assert (stream["tail_index"], stream["closed_at"] is None) == (1, False)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("get_run", {}),
        ("get_run", {"with_input": False}),
        ("get_run", {"with_outcome": False}),
        ("get_step", {"step_id": "step_1"}),
        ("list_events", {}),
        ("list_steps", {"with_payloads": True}),
        ("list_hooks", {"with_payloads": True}),
        ("read_stream", {"name": "s"}),
        ("retry_run", {"anyway": True}),
    ],
)
def test_who_asks_for_a_payload_is_told_that_it_was_purged(
    db: Session, function: str, told: dict[str, Any]
) -> None:
    run_id = _full_run(db)
    db.call("purge_run", run_id=run_id)
    with db.refused("WF410", entity="run", id=run_id, run_status="completed"):
        db.call(function, run_id=run_id, **told)


def test_who_retries_a_purged_run_is_told_why_that_cannot_be(db: Session) -> None:
    run_id = _full_run(db)
    db.call("purge_run", run_id=run_id)
    with pytest.raises(psycopg.Error, match="its input is gone") as caught:
        db.call("retry_run", run_id=run_id, anyway=True)
    assert caught.value.diag.message_hint == "Start it anew, with the same arguments."


def test_what_is_no_payload_can_still_be_read(db: Session) -> None:
    run_id = _full_run(db)
    db.call("purge_run", run_id=run_id)
    bare = {"with_input": False, "with_outcome": False}
    db.call("get_step", run_id=run_id, step_id="step_1", **bare)
    assert len(db.call("list_steps", run_id=run_id)) == 1
    assert len(db.call("list_events", run_id=run_id, with_payloads=False)) == 8
    (several,) = db.call("get_runs", run_ids=[run_id])
    assert (several["input"], several["output"]) == (None, None)
    assert several["expired_at"] is not None
    assert db.call("read_stream", run_id=run_id, name="s", start=2)[0]["is_closed"]


def test_a_second_time_finds_nothing_to_do(db: Session) -> None:
    run_id = _full_run(db)
    db.call("purge_run", run_id=run_id)
    with db.nothing_written():
        (gone,) = db.call("purge_run", run_id=run_id)
    assert set(gone.values()) == {0}


@pytest.mark.parametrize("status", ["pending", "running"])
def test_a_live_run_is_not_purged(db: Session, status: str) -> None:
    run_id = db.new_run(status)
    with db.refused("WF409", run_id=run_id, status=status):
        db.call("purge_run", run_id=run_id)


@pytest.mark.parametrize("run_id", [None, new_run_id()], ids=["null", "absent"])
def test_a_run_that_is_not_there_is_not_purged(db: Session, run_id: str | None) -> None:
    with db.refused("WF404", entity="run", id=run_id):
        db.call("purge_run", run_id=run_id)


def test_what_a_lost_worker_still_brings_is_recorded_without_its_payload(
    db: Session,
) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    db.new_step(run_id, "step_1", "running")
    db.new_step(run_id, "step_2", "running")
    delivered = db.claim("worker_1")
    db.append(run_id, "run_completed", payload=b"out")
    with db.refused("WF409", run_id=run_id, worker_id="worker_1"):
        db.call("purge_run", run_id=run_id)

    db.set_clock(timedelta(seconds=16))
    (gone,) = db.call("purge_run", run_id=run_id)
    assert gone["messages"] == len(delivered) == 2
    db.append(run_id, "step_completed", "step_1", payload=b"result")
    batch = {"event_types": ["step_failed"], "correlation_ids": ["step_2"]}
    db.call("append_events", run_id=run_id, **batch, payloads=[b"error"])
    assert db.types(run_id)[-2:] == ["step_completed", "step_failed"]
    assert _payloads(db, run_id) == 0
    assert db.call("verify_run", run_id=run_id) == []


def test_what_a_lost_worker_writes_to_a_stream_is_ignored(db: Session) -> None:
    run_id = _full_run(db)
    db.call("purge_run", run_id=run_id)
    (reply,) = db.call("write_stream", run_id=run_id, name="s", chunks=[b"late"])
    assert reply["is_closed"]
    assert _payloads(db, run_id) == 0


def test_a_purged_run_gets_no_new_stream(db: Session) -> None:
    run_id = _full_run(db)
    db.call("purge_run", run_id=run_id)
    for _ in range(2):
        (reply,) = db.call("write_stream", run_id=run_id, name="new", chunks=[b"late"])
        assert (reply["first_index"], reply["is_closed"]) == (None, True)
    assert _payloads(db, run_id) == 0
    (page,) = db.call("read_stream", run_id=run_id, name="new")
    assert (page["chunks"], page["is_closed"]) == ([], True)


@pytest.mark.parametrize("end", ["run_completed", "run_failed"])
def test_a_run_whose_retention_is_0_is_purged_when_it_is_over(
    db: Session, end: str
) -> None:
    run_id = _full_run(db, end, retention="0", colour="blue")
    (page,) = db.call("purge_due_runs")
    assert page == {"next_after": None, "purged": 1}
    assert _payloads(db, run_id) == 0
    (run,) = db.call("list_runs", attributes={"$retention": "0"})
    assert (run["run_id"], run["attributes"]["colour"]) == (run_id, "blue")
    with db.nothing_written():
        assert db.call("purge_due_runs")[0]["purged"] == 0


@pytest.mark.parametrize(
    "value",
    ["default", "7", "none", "-1", "0.0", "0s", " 0 ", "", "007", "00", "\u0660"],
)
def test_any_other_retention_keeps_the_payloads(db: Session, value: str) -> None:
    run_id = _full_run(db, retention=value)
    with db.nothing_written():
        assert db.call("purge_due_runs")[0]["purged"] == 0
    assert _payloads(db, run_id) == 8


def test_a_run_that_was_cancelled_is_kept_whatever_its_retention(db: Session) -> None:
    run_id = _full_run(db, "run_cancelled", retention="0")
    for _ in range(2):
        assert db.call("purge_due_runs")[0]["purged"] == 0
    assert _payloads(db, run_id) == 7
    marks = "select count(*) from workflow_pg_private.runs_to_purge"
    assert db.value(marks) == 0


@pytest.mark.parametrize(("last", "purged"), [("0", 1), ("1", 0), (None, 0)])
def test_the_retention_at_the_end_counts(
    db: Session, last: str | None, purged: int
) -> None:
    run_id = db.new_run()
    for value in ("0", "1", "0", last):
        change = {"key": "$retention", "value": value}
        facts: dict[str, Any] = {"changes": [change], "writer": {"type": "api"}}
        facts["allowReservedAttributes"] = True
        db.append(run_id, "attr_set", facts=facts)
        assert db.call("purge_due_runs")[0]["purged"] == 0
    db.append(run_id, "run_completed", payload=b"out")
    assert db.call("purge_due_runs")[0]["purged"] == purged


def test_a_run_is_left_to_the_next_walk_while_a_step_of_it_is_executed(
    db: Session,
) -> None:
    run_id = new_run_id()
    attributes = {"attributes": {"$retention": "0"}, "allowReservedAttributes": True}
    facts = {"workflowName": "w", "deploymentId": "default", **attributes}
    db.new_run(run_id=run_id, facts=facts)
    db.quiet(run_id)
    db.new_step(run_id, status="running")
    (delivery,) = db.claim(steps=[STEP], workflows=["w"])
    db.append(run_id, "run_completed")
    assert db.call("purge_due_runs")[0]["purged"] == 0
    db.append(run_id, "step_completed", "step_1", payload=b"result")
    db.call("ack_message", **{name: delivery[name] for name in NAMES})
    assert db.call("purge_due_runs")[0]["purged"] == 1
    assert _payloads(db, run_id) == 0


def test_a_walk_goes_page_by_page(db: Session) -> None:
    runs = sorted(_full_run(db, retention="0") for _ in range(5))
    live = db.new_run()
    after: str | None = ""
    pages: list[tuple[str | None, int]] = []
    while after is not None:
        (page,) = db.call("purge_due_runs", after=after, limit=2)
        after = page["next_after"]
        pages.append((after, page["purged"]))
    assert pages == [(runs[1], 2), (runs[3], 2), (None, 1)]
    assert live


def test_a_page_ends_after_ten_thousand_events(db: Session) -> None:
    runs = sorted(_full_run(db, retention="0") for _ in range(3))
    db.do("update workflow_pg.runs set last_seq = 10000 where run_id = %s", runs[0])
    (page,) = db.call("purge_due_runs")
    assert page == {"next_after": runs[0], "purged": 1}
    (page,) = db.call("purge_due_runs", after=runs[0])
    assert page == {"next_after": None, "purged": 2}


@pytest.mark.parametrize("limit", [0, 1001, None])
def test_a_page_of_no_size_is_refused(db: Session, limit: int | None) -> None:
    with db.refused("WF400", argument="limit"):
        db.call("purge_due_runs", limit=limit)
