"""Pages of lists: in both directions, by cursors, with and without payloads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import LATER, STEP, WORKFLOW, Row, Session

OTHER = "workflow//other//one"


def pages(db: Session, function: str, **told: object) -> list[Row]:
    """All rows of a list, read two at a time by the cursor of the last one."""
    rows: list[Row] = []
    cursor: str | None = None
    while page := db.call(function, limit=2, cursor=cursor, **told):
        rows += page
        cursor = page[-1].get("cursor") or page[-1]["event_id"]
    return rows


@pytest.fixture
def run_id(db: Session) -> str:
    """A run with five steps, hooks and waits."""
    run_id = db.new_run()
    for n in "cadbe":
        db.new_step(run_id, f"step:{n}")
        facts = {"token": f"token:{n}", "resumeAt": LATER}
        db.append(run_id, "hook_created", f"hook {n}", facts=facts, payload=n.encode())
        db.append(run_id, "wait_created", f"wait_{n}", facts=facts)
    return run_id


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    ("function", "key"),
    [("list_steps", "step_id"), ("list_hooks", "hook_id"), ("list_waits", "wait_id")],
)
def test_a_list_of_a_run_is_in_the_order_of_its_ids(
    db: Session, run_id: str, function: str, key: str, *, descending: bool
) -> None:
    other = db.new_run()
    db.new_step(other, "step:x")
    rows = pages(db, function, run_id=run_id, descending=descending)
    ids = [row[key] for row in rows]
    assert ids == sorted(ids, reverse=descending)
    assert [i[-1] for i in sorted(ids)] == [*"abcde"]
    assert {row["run_id"] for row in rows} == {run_id}


@pytest.mark.parametrize("descending", [False, True])
def test_hooks_of_all_runs_are_in_the_order_of_their_tokens(
    db: Session, run_id: str, *, descending: bool
) -> None:
    other = db.new_run()
    db.append(other, "hook_created", "h", facts={"token": "token:cc"})
    rows = pages(db, "list_all_hooks", descending=descending)
    tokens = [row["token"].removeprefix("token:") for row in rows]
    expected = ["a", "b", "c", "cc", "d", "e"]
    assert tokens == (expected[::-1] if descending else expected)


@pytest.mark.parametrize("descending", [False, True])
def test_events_are_in_the_order_of_the_log(
    db: Session, run_id: str, *, descending: bool
) -> None:
    events = pages(db, "list_events", run_id=run_id, descending=descending)
    seqs = [event["seq"] for event in events]
    assert seqs == sorted(range(1, 18), reverse=descending)


def test_a_cursor_of_the_last_page_goes_on_when_there_is_more(
    db: Session, run_id: str
) -> None:
    for function, created, key in (
        ("list_events", "wait_created", None),
        ("list_steps", "step_created", "step_id"),
        ("list_waits", "wait_created", "wait_id"),
    ):
        *_, last = db.call(function, run_id=run_id)
        cursor = last.get("cursor") or last["event_id"]
        assert db.call(function, run_id=run_id, cursor=cursor) == []
        facts = {"stepName": STEP, "resumeAt": LATER}
        db.append(run_id, created, f"z {function}", facts=facts, payload=b"")
        (row,) = db.call(function, run_id=run_id, cursor=cursor)
        assert row[key or "correlation_id"] == f"z {function}"


def test_events_of_one_entity(db: Session, run_id: str) -> None:
    other = db.new_run()
    for run in (run_id, other):
        if run == other:
            db.new_step(other, "step:a")
        db.append(run, "step_started", "step:a")
        db.append(run, "step_completed", "step:a", payload=b"out")
    told: dict[str, Any] = {"run_id": run_id, "correlation_id": "step:a"}
    for descending in (False, True):
        events = pages(db, "list_events", descending=descending, **told)
        types = [event["event_type"] for event in events]
        expected = ["step_created", "step_started", "step_completed"]
        assert types == (expected[::-1] if descending else expected)
        assert {event["run_id"] for event in events} == {run_id}
    (last,) = db.call("list_events", after=18, **told)
    assert last["payload"] == b"out"


@pytest.mark.parametrize("ascending", [False, True])
def test_runs_are_in_the_order_of_their_creation(
    db: Session, *, ascending: bool
) -> None:
    start = db.now()
    # Several at one moment, whose order is that of their ids.
    run_ids: list[str] = []
    for second in range(3):
        db.set_clock(start + timedelta(seconds=second))
        run_ids += sorted(db.new_run("pending") for _ in range(3))
    rows = pages(db, "list_runs", ascending=ascending)
    assert [row["run_id"] for row in rows] == (run_ids if ascending else run_ids[::-1])


def test_runs_of_times_that_are_no_milliseconds_are_not_missed(db: Session) -> None:
    run_ids = [db.new_run("pending") for _ in range(5)]
    for n, run_id in enumerate(run_ids):
        db.do(
            "update workflow_pg.runs"
            "   set created_at = '2026-01-01Z'::timestamptz + %s * interval '1 us'"
            " where run_id = %s",
            n,
            run_id,
        )
    for ascending in (False, True):
        found = {r["run_id"] for r in pages(db, "list_runs", ascending=ascending)}
        assert found == set(run_ids)


def test_runs_by_status_workflow_and_time(db: Session) -> None:
    start = db.now()
    ids: dict[str, str] = {}
    for hour, status in enumerate(
        ("pending", "running", "completed", "failed", "cancelled")
    ):
        db.set_clock(start + timedelta(hours=hour))
        ids[status] = db.new_run(
            status, facts={"workflowName": OTHER if hour % 2 else WORKFLOW}
        )

    def found(**told: object) -> set[str]:
        rows = db.call("list_runs", **told)
        return {status for status in ids if ids[status] in {r["run_id"] for r in rows}}

    assert found(statuses=["failed", "cancelled"]) == {"failed", "cancelled"}
    assert found(statuses=["running"], status="failed") == {"running"}
    assert found(statuses=[]) == set()
    assert found(status="failed") == {"failed"}
    assert found(only_live=True) == {"pending", "running"}
    assert found(only_live=True, statuses=["running", "failed"]) == {"running"}
    assert found(workflow_name=OTHER) == {"running", "failed"}
    assert found(workflow_name=OTHER, statuses=["failed"]) == {"failed"}
    at = start + timedelta(hours=2)
    assert found(since=at) == {"completed", "failed", "cancelled"}
    assert found(before=at) == {"pending", "running"}
    assert found(since=at, before=at + timedelta(hours=1)) == {"completed"}
    assert found(since=at, ascending=True, limit=1) == {"completed"}


def test_a_list_reads_payloads_on_request(db: Session, run_id: str) -> None:
    db.append(run_id, "step_started", "step:a")
    db.append(run_id, "step_retrying", "step:a", payload=b"why", codec="cbor")
    db.append(run_id, "step_completed", "step:a", payload=b"out", codec="cbor")
    told: dict[str, Any] = {"run_id": run_id, "limit": 1}
    for function, names in (
        ("list_steps", ("input", "output", "error")),
        ("list_hooks", ("metadata",)),
    ):
        (bare,) = db.call(function, **told)
        (full,) = db.call(function, with_payloads=True, **told)
        for name in names:
            assert (bare[name], bare[f"{name}_codec"]) == (None, None)
        get = function.replace("list", "get").removesuffix("s")
        key = f"{get.removeprefix('get_')}_id"
        (got,) = db.call(get, run_id=run_id, **{key: full[key]})
        assert full == {**got, "cursor": full["cursor"]}
    (hook, *_) = db.call("list_all_hooks", with_payloads=True)
    assert hook["metadata"] == b"a"


@pytest.mark.parametrize("status", ["running", "completed", "failed", "cancelled"])
def test_a_list_of_runs_reads_payloads_on_request(db: Session, status: str) -> None:
    run_id = db.new_run("running", payload=b"input")
    if status != "running":
        reason = {"errorCode": "X", "cancelReason": "why"}
        db.append(run_id, f"run_{status}", payload=b"end", facts=reason)
    (full,) = db.call("list_runs", with_payloads=True)
    (got,) = db.call("get_run", run_id=run_id)
    assert full == {**got, "cursor": full["cursor"]}
    (bare,) = db.call("list_runs")
    payloads = {"input": None, "output": None, "error": None}
    assert bare == {**full, **payloads}


@pytest.mark.parametrize(
    ("function", "told", "good"),
    [
        ("list_runs", {}, "runs:1:wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
        ("list_steps", {"run_id": "r"}, "steps:s"),
        ("list_hooks", {"run_id": "r"}, "hooks:h"),
        ("list_all_hooks", {}, "tokens:t"),
        ("list_waits", {"run_id": "r"}, "waits:w"),
        ("list_events", {"run_id": "r"}, f"evnt_{7:026d}"),
    ],
)
def test_what_is_no_cursor_of_the_list_is_refused(
    db: Session, function: str, told: dict[str, object], good: str
) -> None:
    assert db.call(function, cursor=good, **told) == []
    bad = ["", "x", "runs:", "runs:x:y", "runs:1", "step:s", "steps:", "events:7"]
    bad += ["evnt_", f"evnt_{7:025d}", f"evnt_1{7:025d}", "evnt_01HF" + "0" * 22]
    bad += [good + "x" * 1200, f"'{good}"]
    for cursor in bad:
        with db.refused("WF400", argument="cursor"):
            db.call(function, cursor=cursor, **told)


@pytest.mark.parametrize("limit", [0, 1001, -1, None])
@pytest.mark.parametrize(
    "function",
    ["list_runs", "list_steps", "list_hooks", "list_all_hooks", "list_waits"],
)
def test_a_page_has_one_to_a_thousand_rows(
    db: Session, function: str, limit: int | None
) -> None:
    told = {} if function in {"list_runs", "list_all_hooks"} else {"run_id": "r"}
    with db.refused("WF400", argument="limit"):
        db.call(function, limit=limit, **told)
