"""import_run: what it mends, what it leaves out, what it refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.importing.documents import AT, Document, document, hook, step
from tests.support import LATER, STEP, Session, new_run_id

CREATED: tuple[str, None, None] = ("run_created", None, None)
STARTED: tuple[str, None, None] = ("run_started", None, None)
STEP_CREATED = ("step_created", "step_1", {"stepName": STEP})
HOOK_CREATED = ("hook_created", "hook_1", {"token": "t"})
WAIT_CREATED = ("wait_created", "wait_1", {"resumeAt": AT.format(5)})


def _take(db: Session, given: Document, **options: Any) -> dict[str, Any]:
    (reply,) = db.call("import_run", document=given, **options)
    return reply


def _types(db: Session, given: Document) -> list[str]:
    """The log, after a look whether the rows follow from it."""
    run_id = given["run"]["run_id"]
    assert db.call("verify_run", run_id=run_id) == []
    return db.types(run_id)


def test_a_live_run_is_woken_and_its_steps_are_dispatched(db: Session) -> None:
    given = document(CREATED, STARTED, STEP_CREATED)
    given["steps"] = [step("pending")]
    assert _take(db, given)["event_count"] == 3
    kinds = [m["kind"] for m in db.messages(given["run"]["run_id"])]
    assert sorted(kinds) == ["step", "wake"]


def test_a_step_that_is_to_be_retried_later_is_dispatched_then(db: Session) -> None:
    given = document(CREATED, STARTED, STEP_CREATED, ("step_retrying", "step_1", None))
    later = "2999-01-01T00:00:00Z"
    given["events"][-1]["facts"] = {"retryAfter": later}
    given["steps"] = [step("pending", retry_after=later)]
    _take(db, given)
    due = [m["due_at"].year for m in db.messages(given["run"]["run_id"])]
    assert sorted(due)[-1] == 2999


def test_the_time_at_which_a_run_started_is_kept_whatever_its_event_says(
    db: Session,
) -> None:
    given = document(CREATED, STARTED, started_at="2025-01-01T00:00:00.777Z")
    _take(db, given)
    (run,) = db.call("get_run", run_id=given["run"]["run_id"])
    assert run["started_at"].microsecond == 777_000


def test_times_of_events_never_go_back(db: Session) -> None:
    given = document(CREATED, STARTED, WAIT_CREATED)
    given["events"][1]["created_at"] = AT.format(8)
    _take(db, given)
    times = [event["created_at"].second for event in db.log(given["run"]["run_id"])]
    assert times == [0, 8, 8]


@pytest.mark.parametrize(
    ("events", "rows", "log"),
    [
        # The row was written and its event was not: a crash between two transactions.
        pytest.param(
            [CREATED, STARTED, STEP_CREATED, ("step_started", "step_1", None)],
            {"steps": [step("completed", attempt=1)]},
            ["step_created", "step_started", "step_completed"],
            id="step-completed",
        ),
        pytest.param(
            [CREATED, STARTED, STEP_CREATED, ("step_started", "step_1", None)],
            {"steps": [step("failed", attempt=1)]},
            ["step_created", "step_started", "step_failed"],
            id="step-failed",
        ),
        pytest.param(
            [CREATED, STARTED, ("step_started", "step_1", None)],
            {"steps": [step("running", attempt=1)]},
            ["step_created", "step_started"],
            id="step-created",
        ),
        pytest.param(
            [CREATED, STARTED],
            {"hooks": [hook("t")]},
            ["hook_created"],
            id="hook-created",
        ),
        pytest.param(
            [CREATED, STARTED, HOOK_CREATED], {}, ["hook_created", "hook_disposed"],
            id="hook-disposed",
        ),
        pytest.param(
            [CREATED, STARTED, WAIT_CREATED],
            {"waits": [{"wait_id": "wait_1", "status": "completed",
                        "completed_at": AT.format(6), "created_at": AT.format(2)}]},
            ["wait_created", "wait_completed"],
            id="wait-completed",
        ),
        # What has happened once cannot happen again.
        pytest.param(
            [CREATED, STARTED, STEP_CREATED, STARTED, STEP_CREATED],
            {"steps": [step("pending")]},
            ["step_created"],
            id="repeats",
        ),
        pytest.param(
            [CREATED, STARTED, ("workflow_started", None, None), ("noop", None, None)],
            {},
            [],
            id="unknown-events",
        ),
    ],
)  # fmt: skip
def test_the_log_is_made_whole(
    db: Session, events: Any, rows: dict[str, Any], log: list[str]
) -> None:
    given = document(*events) | rows
    reply = _take(db, given)
    assert _types(db, given) == ["run_created", "run_started", *log]
    assert len(reply["notes"]) == abs(len(log) + 2 - len(events))
    assert {note["kind"] for note in reply["notes"]} == {"event"}


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_an_end_without_event_gets_one_and_one_of_two_is_kept(
    db: Session, status: str
) -> None:
    given = document(CREATED, STARTED, status=status)
    _take(db, given)
    assert _types(db, given)[-1] == f"run_{status}"
    ends = [("run_cancelled", None, None), (f"run_{status}", None, None)]
    given = document(CREATED, STARTED, *ends, ends[0], status=status)
    _take(db, given)
    assert _types(db, given) == ["run_created", "run_started", f"run_{status}"]


def test_a_run_that_was_resurrected_stays_over(db: Session) -> None:
    given = document(CREATED, STARTED, ("run_cancelled", None, None), status="running")
    _take(db, given)
    assert _types(db, given)[-1] == "run_cancelled"
    (run,) = db.call("get_run", run_id=given["run"]["run_id"])
    assert run["status"] == "cancelled"
    assert db.messages(run["run_id"]) == []


def test_payloads_are_taken_from_where_they_are(db: Session) -> None:
    given = document(CREATED, STARTED, STEP_CREATED)
    given["events"][0] |= {"codec": "opaque", "payload_at": 2}
    given["steps"] = [step("completed", output={"codec": "json", "at": 1})]
    _take(db, given, payloads=[b"[1]", b"in"])
    run_id = given["run"]["run_id"]
    assert db.call("get_run", run_id=run_id)[0]["input"] == b"in"
    (found,) = db.call("get_step", run_id=run_id, step_id="step_1")
    assert (found["output_codec"], found["output"]) == ("json", b"[1]")


def test_attributes_that_no_event_tells_of_get_one(db: Session) -> None:
    given = document(CREATED, STARTED, attributes={"a": "1", "b": "2"})
    given["events"][0]["facts"] = given["run"]["facts"] | {
        "attributes": {"a": "1", "c": "3"}
    }
    _take(db, given)
    assert _types(db, given) == ["run_created", "run_started", "attr_set"]
    (run,) = db.call("get_run", run_id=given["run"]["run_id"])
    assert run["attributes"] == {"a": "1", "b": "2"}


def test_a_token_has_one_holder(db: Session) -> None:
    for given, code in ((_hooked(), None), (_hooked(), "WF409")):
        if code is None:
            _take(db, given)
        else:
            with db.refused(code, run_id=given["run"]["run_id"]):
                _take(db, given)


def test_a_token_whose_time_is_over_stands_in_no_run_s_way(db: Session) -> None:
    old = db.new_run("running")
    until = (db.now() + timedelta(hours=1)).isoformat()
    db.append(
        old, "hook_created", "h", facts={"token": "t", "tokenRetentionUntil": until}
    )
    db.append(old, "run_completed")
    with db.refused("WF409", conflicting_run_id=old):
        _take(db, _hooked())
    db.set_clock(timedelta(hours=2))
    given = _hooked()
    _take(db, given)
    (held,) = db.call("get_hook_by_token", token="t")
    assert held["run_id"] == given["run"]["run_id"]
    assert _types(db, given)[-1] == "hook_created"


def test_two_hooks_of_one_run_do_not_hold_one_token(db: Session) -> None:
    given = _hooked()
    given["hooks"].append(hook("t", hook_id="hook_2"))
    with db.refused("WF409", conflicting_run_id=given["run"]["run_id"]):
        _take(db, given)


@pytest.mark.parametrize("status", ["running", "completed"])
@pytest.mark.parametrize("rows", [0, 1])
def test_a_hook_keeps_its_token_as_long_as_it_was_to(
    db: Session, rows: int, status: str
) -> None:
    facts = {"token": "t", "tokenRetentionUntil": LATER}
    created = ("hook_created", "hook_1", facts)
    given = document(CREATED, STARTED, created, status=status)
    given["hooks"] = [hook("t")] * rows
    _take(db, given)
    assert _types(db, given)
    if status == "running":
        db.append(given["run"]["run_id"], "run_completed")
    assert db.call("verify_run", run_id=given["run"]["run_id"]) == []
    hooks = db.call("list_all_hooks")
    assert [h["token_retention_until"].year for h in hooks] == [2999] * rows


def _hooked() -> Document:
    given = document(CREATED, STARTED, HOOK_CREATED)
    given["hooks"] = [hook("t")]
    return given


def test_a_run_is_taken_once_and_told_apart_when_it_has_changed(db: Session) -> None:
    given = document(CREATED, STARTED)
    assert _take(db, given)["outcome"] == "imported"
    with db.nothing_written():
        assert _take(db, given)["outcome"] == "present"
        given["run"]["status"] = "failed"
        assert _take(db, given)["outcome"] == "changed"


def test_a_run_that_was_not_imported_is_not_overwritten(db: Session) -> None:
    given = document(CREATED, run_id=db.new_run())
    with db.refused("WF409", run_id=given["run"]["run_id"]):
        _take(db, given)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (document(CREATED, run_id="wrun_x"), "WF400"),
        (document(CREATED, workflow_name=""), "WF400"),
        (document(CREATED, spec_version=8), "WF426"),
        (document(CREATED, STARTED, STEP_CREATED), "WF409"),
    ],
    ids=["id", "name", "version", "step"],
)
def test_what_cannot_be_taken_is_refused(
    db: Session, given: Document, code: str
) -> None:
    with db.refused(code):
        _take(db, given)


def test_a_payload_over_the_limit_is_refused(db: Session) -> None:
    given = document(CREATED)
    given["events"][0] |= {"codec": "opaque", "payload_at": 1}
    with db.refused("WF413"):
        _take(db, given, payloads=[bytes(16 * 1024 * 1024 + 1)])


def test_a_run_is_given_to_another_deployment_and_namespace(db: Session) -> None:
    given = document(CREATED, STARTED)
    _take(db, given, deployment_id="blue", namespace="billing")
    (run,) = db.call("get_run", run_id=given["run"]["run_id"])
    assert run["deployment_id"] == "blue"
    assert run["queue_name"].startswith("__billing_wkf_workflow_")
    assert _types(db, given) == ["run_created", "run_started"]


def test_chunks_that_cannot_follow_are_refused(db: Session) -> None:
    told = {"run_id": "r", "name": "s", "chunks": [b"x"], "created_at": db.now()}
    with db.refused("WF409", run_id="r"):
        db.call("import_stream", first_index=1, **told)


def test_a_stream_is_not_written_beside_its_run(db: Session) -> None:
    run_id = db.new_run()
    told = {"run_id": run_id, "name": "s", "chunks": [b"x"], "created_at": db.now()}
    with db.nothing_written():
        (reply,) = db.call("import_stream", first_index=0, **told)
    assert reply == {"import_stream": False}


def test_a_stream_that_was_closed_takes_no_more(db: Session) -> None:
    now = db.now()
    told = {"run_id": new_run_id(), "name": "s", "chunks": [b"x"], "created_at": now}
    db.call("import_stream", first_index=0, closed_at=now, **told)
    with db.nothing_written():
        (reply,) = db.call("import_stream", first_index=0, closed_at=now, **told)
    assert reply == {"import_stream": True}
