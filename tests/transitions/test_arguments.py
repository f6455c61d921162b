"""Names, ids, times and types that cannot be stored or read again are refused."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from tests.support import LATER, Session, new_run_id, ulid

_DAY = 86_400
_BAD_TEXTS = {
    "empty": "",
    "newline": "a\nb",
    "delete": "a\x7f",
    "escape": "\x1b[0m",
}


def _bad(limit: int) -> list[Any]:
    too_long = "x" * (limit + 1)
    in_bytes = "ä" * (limit // 2) + "ab"
    return [
        *(pytest.param(text, id=name) for name, text in _BAD_TEXTS.items()),
        pytest.param(too_long, id="too long"),
        pytest.param(in_bytes, id="too long in bytes"),
        pytest.param(None, id="null"),
    ]


@pytest.mark.parametrize("correlation_id", _bad(255))
@pytest.mark.parametrize("event", ["step_created", "hook_created", "wait_created"])
def test_a_malformed_id_is_not_created(
    db: Session, event: str, correlation_id: str | None
) -> None:
    run_id = db.new_run()
    facts = {"stepName": "s", "token": "t", "resumeAt": LATER}
    with db.refused("WF400"):
        db.append(run_id, event, correlation_id, facts=facts)


@pytest.mark.parametrize("event", ["step_created", "hook_created", "wait_created"])
def test_an_id_of_255_bytes_is_created(db: Session, event: str) -> None:
    run_id = db.new_run()
    facts = {"stepName": "s", "token": "t", "resumeAt": LATER}
    db.append(run_id, event, "é" * 127 + "x", facts=facts)


@pytest.mark.parametrize("event", ["step_started", "hook_received", "wait_completed"])
def test_an_event_of_an_entity_needs_its_id(db: Session, event: str) -> None:
    run_id = db.new_run()
    with db.refused("WF400", argument="correlation id"):
        db.append(run_id, event)


@pytest.mark.parametrize("event", ["run_started", "step_started", "wait_created"])
def test_an_event_needs_a_run(db: Session, event: str) -> None:
    with db.refused("WF400", argument="run id"):
        db.append(None, event, "id_1", facts={"resumeAt": LATER})


@pytest.mark.parametrize("name", _bad(1024))
def test_a_malformed_workflow_name_is_refused(db: Session, name: str | None) -> None:
    with db.refused("WF400", argument="workflow name"):
        db.append(
            new_run_id(), "run_created", facts={"workflowName": name}, payload=b""
        )


@pytest.mark.parametrize("name", [bad for bad in _bad(255) if bad.id != "null"])
def test_a_malformed_deployment_is_refused(db: Session, name: str) -> None:
    facts = {"workflowName": "w", "deploymentId": name}
    with db.refused("WF400", argument="deployment id"):
        db.append(new_run_id(), "run_created", facts=facts, payload=b"")


def test_no_deployment_is_the_default_one(db: Session) -> None:
    run_id = db.new_run("pending", facts={"workflowName": "w"})
    (run,) = db.call("get_run", run_id=run_id)
    assert run["deployment_id"] == "default"


@pytest.mark.parametrize("name", _bad(1024))
def test_a_malformed_step_name_is_refused(db: Session, name: str | None) -> None:
    run_id = db.new_run()
    with db.refused("WF400", argument="step name"):
        db.append(run_id, "step_created", "step_1", facts={"stepName": name})


@pytest.mark.parametrize("token", _bad(1024))
def test_a_malformed_token_is_refused(db: Session, token: str | None) -> None:
    run_id = db.new_run()
    with db.refused("WF400", argument="token"):
        db.append(run_id, "hook_created", "hook_1", facts={"token": token})


@pytest.mark.parametrize("key", [bad for bad in _bad(255) if bad.id != "null"])
def test_a_malformed_dedup_key_is_refused(db: Session, key: str) -> None:
    run_id = db.new_run()
    with db.refused("WF400", argument="dedup key"):
        db.append(run_id, "run_completed", dedup_key=key)


_MALFORMED_RUN_IDS = [
    *("", "x", "wrun_", "run_" + "0" * 26, "wrun_" + "8" * 26, "wrun_" + "0" * 25),
    *(f"wrun_{ulid()}x", f"wrun_{ulid()[:-1]}I", f"wrun_{ulid()}\n", f" wrun_{ulid()}"),
    "wrun_" + "x" * 10_000,
]


@pytest.mark.parametrize("run_id", _MALFORMED_RUN_IDS, ids=range(11))
@pytest.mark.parametrize("event", ["run_created", "run_started"])
def test_a_malformed_run_id_is_not_created(
    db: Session, event: str, run_id: str
) -> None:
    facts = {"workflowName": "w", "deploymentId": "d"}
    with db.refused("WF400", argument="run id"):
        db.append(run_id, event, facts=facts, payload=b"in")


@pytest.mark.parametrize(
    "text",
    ["../../etc/passwd", "/", "..", "a/b", "C:\\x", "'; drop table x; --", "%s", "$1"],
)
def test_what_looks_like_a_path_is_text(db: Session, text: str) -> None:
    with db.refused("WF400", argument="run id"):
        db.append(text, "run_created", facts={"workflowName": "w"}, payload=b"in")
    run_id = db.new_run()
    db.new_step(run_id, text, name=text)
    db.append(run_id, "hook_created", text, facts={"token": text})
    db.append(run_id, "wait_created", text, facts={"resumeAt": LATER})
    db.call("write_stream", run_id=text, name=text, chunks=[b"x"])
    (step,) = db.call("get_step", run_id=run_id, step_id=text)
    (hook,) = db.call("get_hook_by_token", token=text)
    (stream,) = db.call("list_streams", run_id=text)
    found = (step["step_id"], step["step_name"], hook["hook_id"], stream["name"])
    assert set(found) == {text}


@pytest.mark.parametrize("age", [-300 - 10, _DAY + 10, 40 * 365 * _DAY])
def test_a_run_id_of_another_time_is_refused(db: Session, age: int) -> None:
    run_id = new_run_id(time.time() - age)
    with db.refused("WF400", argument="run id"):
        db.append(run_id, "run_created", facts={"workflowName": "w"}, payload=b"in")


@pytest.mark.parametrize("age", [-300 + 10, 0, _DAY - 10])
def test_a_run_id_of_the_window_passes(db: Session, age: int) -> None:
    db.new_run(run_id=new_run_id(time.time() - age))


def test_the_window_is_not_moved_with_the_clock_of_tests(db: Session) -> None:
    db.set_clock(timedelta(days=30))
    db.new_run()


def test_a_resilient_start_comes_as_late_as_it_will(db: Session) -> None:
    run_id = new_run_id(time.time() - 40 * _DAY)
    facts = {"workflowName": "w", "deploymentId": "d"}
    reply = db.append(run_id, "run_started", facts=facts, payload=b"in")
    assert reply["run_status"] == "running"


def test_a_run_id_is_drawn_for_who_has_none(db: Session) -> None:
    told: dict[str, Any] = {"facts": {"workflowName": "w"}, "payload": b"in"}
    one = db.append(None, "run_created", **told)["run_id"]
    other = db.append(None, "run_created", **told)["run_id"]
    assert one != other
    assert len(one) == len(new_run_id())
    assert one[:12] == new_run_id()[:12]


@pytest.mark.parametrize(
    "event",
    ["hook_conflict", "noop", "step_cancelled", "", "RUN_CREATED", None],
)
def test_an_event_that_callers_may_not_append_is_refused(
    db: Session, event: str | None
) -> None:
    run_id = db.new_run()
    with db.refused("WF400", argument="event type"):
        db.append(run_id, event, "id_1")


_BAD_TIMES = [
    *("infinity", "-infinity", "now", "tomorrow", "", "x", "2026-01-01"),
    *("2026-01-01T10:00:00", "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z"),
    *("2026-01-01T00:00:00+99:00", "2026-01-01T00:00:00 Nowhere/AtAll"),
    *("0000-01-01T00:00:00Z", "2026-01-01 00:00:00Z", "0044-03-15T00:00:00 BCZ"),
]


@pytest.mark.parametrize("at", _BAD_TIMES)
@pytest.mark.parametrize("event", ["wait_created", "step_retrying"])
def test_a_time_that_is_none_or_has_no_zone_is_refused(
    db: Session, event: str, at: str
) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "id_1", "running")
    facts = {"resumeAt": at, "retryAfter": at}
    with db.refused("WF400"):
        db.append(run_id, event, "id_1", facts=facts)


@pytest.mark.parametrize("at", ["infinity", "-infinity"])
def test_an_endless_time_is_refused(db: Session, at: str) -> None:
    run_id = db.new_run()
    db.new_step(run_id, status="running")
    with db.refused("WF400", argument="resume_at"):
        db.call("create_wait", run_id=run_id, wait_id="wait_1", resume_at=at)
    with db.refused("WF400", argument="retry_after"):
        db.call(
            "retry_step", run_id=run_id, step_id="step_1", error=b"", retry_after=at
        )


def test_a_wait_needs_its_time(db: Session) -> None:
    run_id = db.new_run()
    with db.refused("WF400", argument="resume_at"):
        db.append(run_id, "wait_created", "wait_1")


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00.000000Z"),
        ("2026-01-01T10:00:00.123456+02:00", "2026-01-01T08:00:00.123456Z"),
        ("2026-01-01T10:00:00-0530", "2026-01-01T15:30:00.000000Z"),
        ("2026-01-01T10:00:00+01", "2026-01-01T09:00:00.000000Z"),
    ],
)
def test_a_time_is_stored_in_utc(db: Session, at: str, told: str) -> None:
    run_id = db.new_run()
    with db.conn.transaction():
        db.do("set local timezone to 'Asia/Kolkata'")
        db.append(run_id, "wait_created", "wait_1", facts={"resumeAt": at})
    assert db.log(run_id)[-1]["facts"] == {"resumeAt": told}


@pytest.mark.parametrize(
    ("namespace", "queue_name"),
    [
        (None, "__wkf_workflow_w"),
        ("a", "__a_wkf_workflow_w"),
        ("team1", "__team1_wkf_workflow_w"),
    ],
)
def test_the_namespace_names_the_queue(
    db: Session, namespace: str | None, queue_name: str
) -> None:
    context = {"queueNamespace": namespace}
    facts = {"workflowName": "w", "executionContext": context}
    run_id = db.new_run("pending", facts=facts)
    (run,) = db.call("get_run", run_id=run_id)
    assert (run["queue_name"], run["execution_context"]) == (queue_name, context)
    assert [m["queue_name"] for m in db.messages(run_id)] == [queue_name]


@pytest.mark.parametrize("namespace", ["", "A", "1a", "a_b", "a-b", "ä", "a\n", 5])
def test_a_malformed_namespace_is_refused(db: Session, namespace: object) -> None:
    context = {"queueNamespace": namespace}
    facts = {"workflowName": "w", "executionContext": context}
    with db.refused("WF400", argument="namespace"):
        db.append(new_run_id(), "run_created", facts=facts, payload=b"in")


@pytest.mark.parametrize("context", [[], "x", 1, True])
def test_an_execution_context_is_an_object(db: Session, context: object) -> None:
    facts = {"workflowName": "w", "executionContext": context}
    with db.refused("WF400", argument="execution context"):
        db.append(new_run_id(), "run_created", facts=facts, payload=b"in")


@pytest.mark.parametrize("reason", ["", "x" * 512, "ä" * 512, "\U0001f600" * 256])
def test_a_reason_of_512_units_is_kept(db: Session, reason: str) -> None:
    run_id = db.new_run()
    db.append(run_id, "run_cancelled", facts={"cancelReason": reason})
    (run,) = db.call("get_run", run_id=run_id)
    assert run["cancel_reason"] == reason


@pytest.mark.parametrize("reason", ["x" * 513, "\U0001f600" * 256 + "x", "ä" * 513])
def test_a_reason_of_513_units_is_refused(db: Session, reason: str) -> None:
    run_id = db.new_run()
    with db.refused("WF422", argument="reason", units=513, limit=512):
        db.append(run_id, "run_cancelled", facts={"cancelReason": reason})
