"""The views that observers read: they show no secret, and find rows by an index."""

from __future__ import annotations

from typing import LiteralString

import pytest
from psycopg.sql import SQL, Identifier

from tests.support import LATER, STEP, WORKFLOW, Session
from tools.grant_matrix import flat, functions, views

SECRET = "s3cr3t"
FUNCTIONS = [n for n, who in flat(functions()).items() if "workflow_observer" in who]
VIEWS = [name for name, granted in flat(views()).items() if granted]


@pytest.fixture
def secretive(db: Session) -> Session:
    """A database with a row in every view and the secret wherever one can be."""
    run_id = db.new_run(
        payload=SECRET.encode(),
        facts={
            "workflowName": WORKFLOW,
            "deploymentId": "default",
            "executionContext": {"note": SECRET},
            "encryptionPublicKey": SECRET,
            "attributes": {"colour": "blue"},
        },
    )
    step = {"facts": {"stepName": STEP}, "payload": SECRET.encode()}
    db.append(run_id, "step_created", "step_1", **step)
    db.append(run_id, "step_started", "step_1")
    db.append(run_id, "step_failed", "step_1", payload=SECRET.encode())
    hook = {"facts": {"token": SECRET}, "payload": SECRET.encode()}
    db.append(run_id, "hook_created", "hook_1", **hook)
    db.append(run_id, "hook_created", "hook_2", **hook)
    db.append(run_id, "hook_received", "hook_1", payload=SECRET.encode())
    db.append(run_id, "wait_created", "wait_1", facts={"resumeAt": LATER})
    db.call("write_stream", run_id=run_id, name="out", chunks=[SECRET.encode()])
    db.call(
        "send_message", run_id=run_id, kind="custom", message_id="msg_1",
        queue_name=f"__wkf_workflow_{WORKFLOW}", idempotency_key=SECRET,
        body=SECRET.encode(),
    )  # fmt: skip
    db.call("heartbeat_worker", worker_id="w", workflows=[WORKFLOW], steps=[STEP])
    for message in db.claim():
        if message["kind"] == "custom":
            db.call(
                "bury_message", run_id=run_id, message_id="msg_1",
                lease_token=message["lease_token"], error=SECRET,
            )  # fmt: skip
    return db


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_shows_rows_and_no_secret(secretive: Session, view: str) -> None:
    query = SQL("select v.*, v::text as row from workflow_pg.{} as v")
    found = secretive.conn.execute(query.format(Identifier(view))).fetchall()
    assert found
    for row in found:
        assert SECRET not in str(row)
        # As bytes of an opaque payload are printed.
        assert SECRET.encode().hex() not in str(row)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_that_observers_call_tells_no_secret(
    secretive: Session, function: str
) -> None:
    query = SQL("select f::text as row from workflow_pg.{}() as f")
    found = secretive.conn.execute(query.format(Identifier(function))).fetchall()
    assert found
    assert SECRET not in str(found)


def test_facts_are_shown_but_for_the_secret_ones(secretive: Session) -> None:
    facts = {
        row["event_type"]: row["facts"]
        for row in secretive.rows("select * from workflow_pg.v_events order by seq")
    }
    assert facts["run_created"] == {
        "workflowName": WORKFLOW,
        "deploymentId": "default",
        "attributes": {"colour": "blue"},
    }
    assert facts["hook_created"] == {"isWebhook": True, "isSystem": False}
    assert facts["hook_conflict"].keys() == {"conflictingRunId"}
    assert facts["step_started"] == {"attempt": 1}
    assert facts["hook_received"] is None


def test_a_run_says_how_it_ended(db: Session) -> None:
    failed = db.new_run()
    db.append(failed, "run_failed", facts={"errorCode": "USER_ERROR"}, payload=b"e")
    cancelled = db.new_run()
    db.call("cancel_run", run_id=cancelled, reason="ordered twice")
    ends = db.rows("select run_id, error_code, cancel_reason from workflow_pg.v_runs")
    assert {tuple(row.values()) for row in ends} == {
        (failed, "USER_ERROR", None),
        (cancelled, None, "ordered twice"),
    }


def test_sizes_are_of_the_content(db: Session) -> None:
    db.new_run(payload=b"12345")
    sizes = db.rows("select payload_bytes from workflow_pg.v_events order by seq")
    assert [row["payload_bytes"] for row in sizes] == [5, None]


@pytest.mark.parametrize(
    ("view", "clause"),
    [
        *((view, "where run_id = 'x'") for view in VIEWS if view != "v_workers"),
        ("v_runs", "order by created_at desc, run_id desc limit 10"),
        ("v_run_attributes", "where key = 'tenant' and value = 't1'"),
        ("v_events", "where run_id = 'x' order by seq limit 10"),
        ("v_steps", "where run_id = 'x' and step_id = 'y'"),
    ],
)
def test_rows_are_found_by_an_index(
    db: Session, view: str, clause: LiteralString
) -> None:
    with db.conn.transaction(force_rollback=True):
        db.do("set local enable_seqscan = off")
        db.do("set local enable_bitmapscan = off")
        query = SQL("explain select * from workflow_pg.{} " + clause)
        plan = db.conn.execute(query.format(Identifier(view))).fetchall()
    text = "\n".join(str(row["QUERY PLAN"]) for row in plan)
    assert "Seq Scan" not in text
    assert " using " in text
    assert "Sort" not in text
