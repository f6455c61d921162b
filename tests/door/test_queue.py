"""The queue of the JSON door: what is sent, merged, claimed, and given back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.door.wire import TIME, Json, create, door, new_run, tagged, untagged
from tests.support import STEP, WORKFLOW, Session, new_run_id

_QUEUE = f"__wkf_workflow_{WORKFLOW}"
_RUN: Json = {"workflowName": WORKFLOW, "deploymentId": "ts", "input": tagged(b"in")}


def send(
    db: Session,
    message: Json,
    queue: str = _QUEUE,
    body: bytes | None = None,
    **params: Any,
) -> str:
    """The id that json_send_message returns."""
    result = door(db, "json_send_message", queue, message, params, body)
    assert set(result) == {"messageId"}
    return result["messageId"]


def claim(db: Session, **params: Any) -> list[Json]:
    """What a worker of deployment ts claims."""
    told = {"workerId": "w", "deploymentId": "ts", "limit": 10, **params}
    return door(db, "json_claim_messages", told)


def test_a_start_is_delivered_once(db: Session) -> None:
    run_id = new_run_id()
    create(db, run_id, "run_created", data=_RUN)
    sent = send(db, {"runId": run_id, "runInput": _RUN}, deploymentId="ts")
    (delivery,) = claim(db)
    assert re.fullmatch(TIME, delivery.pop("leaseUntil"))
    assert re.fullmatch(r"[0-9a-f-]{36}", delivery.pop("leaseToken"))
    assert delivery == {
        "runId": run_id,
        "messageId": sent,
        "kind": "wake",
        "attempt": 1,
        "queueName": _QUEUE,
        "deploymentId": "ts",
        "isExhausted": False,
        "message": {"runId": run_id},
    }


def test_a_start_that_came_before_its_run_is_the_only_message(db: Session) -> None:
    run_id = new_run_id()
    message = {"runId": run_id, "runInput": _RUN, "traceCarrier": {}}
    sent = send(db, message, deploymentId="ts")
    create(db, run_id, "run_created", data=_RUN)
    (delivery,) = claim(db)
    assert (delivery["messageId"], delivery["kind"]) == (sent, "start")
    assert delivery["message"] == message
    result = create(db, run_id, "run_started", data=_RUN)
    assert result["run"]["status"] == "running"
    door(db, "json_ack_message", delivery)
    assert db.messages(run_id) == []
    send(db, {"runId": run_id})


def test_a_start_that_carries_its_run_leaves_no_second_message(db: Session) -> None:
    run_id = new_run_id()
    send(db, {"runId": run_id, "runInput": _RUN}, deploymentId="ts")
    (delivery,) = claim(db)
    create(db, run_id, "run_started", data=delivery["message"]["runInput"])
    assert len(db.messages(run_id)) == 1


@pytest.mark.parametrize(
    "hints",
    [
        {},
        {"requestedAt": "2026-01-01T00:00:00Z", "traceCarrier": {"a": "b"}},
        {"waitContinuation": {"correlationId": "wait_1", "attempt": 1}},
    ],
)
def test_wakes_of_a_run_are_merged(db: Session, hints: Json) -> None:
    run_id = new_run(db)
    sent = send(db, {"runId": run_id, **hints}, delaySeconds=60)
    assert sent == send(db, {"runId": run_id, **hints}, idempotencyKey="k")
    (delivery,) = claim(db)
    assert delivery["message"] == {"runId": run_id}


def test_what_could_lose_something_is_delivered_as_it_is(db: Session) -> None:
    run_id = new_run(db)
    db.quiet(run_id)
    message = {"runId": run_id, "serverErrorRetryCount": 2, "b": tagged(b"\0")}
    sent = send(db, message, idempotencyKey="k")
    assert sent == send(db, message, idempotencyKey="k")
    (delivery,) = claim(db)
    assert delivery["kind"] == "custom"
    assert delivery["message"] == message
    assert delivery["idempotencyKey"] == "k"


def test_a_body_of_bytes_is_delivered_as_bytes(db: Session) -> None:
    run_id = new_run(db)
    db.quiet(run_id)
    send(db, {"runId": run_id, "b": 1}, body=b"\0\xff")
    (delivery,) = claim(db)
    assert "message" not in delivery
    assert untagged(delivery["body"]) == b"\0\xff"


@pytest.mark.parametrize("version", [6, 3])
def test_a_step_is_delivered_as_its_runtime_knows_it(db: Session, version: int) -> None:
    run_id = new_run_id()
    create(db, run_id, "run_created", data=_RUN, specVersion=version)
    run = create(db, run_id, "run_started", specVersion=version)["run"]
    db.quiet(run_id)
    data = {"stepName": STEP, "input": tagged(b"in")}
    create(db, run_id, "step_created", "step_1", data)
    # What the runtime sends as well is merged with the dispatch.
    message = {"runId": run_id, "stepId": "step_1", "stepName": STEP}
    sent = send(db, message, idempotencyKey="step_1")
    (delivery,) = claim(db)
    assert delivery["messageId"] == sent
    assert (delivery["stepId"], delivery["stepName"]) == ("step_1", STEP)
    if version == 6:
        assert delivery["queueName"] == _QUEUE
        assert delivery["message"] == message
        return
    assert delivery["queueName"] == f"__wkf_step_{STEP}"
    started_at = delivery["message"].pop("workflowStartedAt")
    assert delivery["message"] == {
        "workflowName": WORKFLOW,
        "workflowRunId": run_id,
        "stepId": "step_1",
    }
    at = db.value("select (%s::timestamptz)::text::timestamptz", run["startedAt"])
    assert started_at == round(at.timestamp() * 1000)


def test_a_step_of_4x_is_sent_by_its_run(db: Session) -> None:
    run_id = new_run(db)
    db.new_step(run_id, "step_1")
    message = {"workflowRunId": run_id, "workflowName": WORKFLOW, "stepId": "step_1"}
    sent = send(db, message, f"__wkf_step_{STEP}", idempotencyKey="step_1")
    assert sent in {m["message_id"] for m in db.messages(run_id) if m["step_id"]}


def test_a_step_sent_before_it_is_created_is_kept_as_it_is(db: Session) -> None:
    run_id = new_run(db)
    db.quiet(run_id)
    message = {
        "runId": run_id,
        "stepId": "step_1",
        "stepName": STEP,
        "stepInput": {"input": tagged(b"in")},
    }
    send(db, message, idempotencyKey="step_1")
    (delivery,) = claim(db)
    assert (delivery["kind"], delivery["message"]) == ("custom", message)


def test_a_health_check_needs_no_run(db: Session) -> None:
    message = {"__healthCheck": True, "correlationId": "c1"}
    send(db, message, "__wkf_workflow_health_check", deploymentId="ts")
    (delivery,) = claim(db)
    assert delivery["message"] == message
    assert delivery["queueName"] == "__wkf_workflow_health_check"


def test_a_claim_takes_what_its_deployment_has_whatever_it_is_called(
    db: Session,
) -> None:
    ours = new_run(db)
    db.new_step(ours, "step_1", name="step//never//announced")
    theirs = db.new_run()
    namespaced = new_run_id()
    data = _RUN | {"executionContext": {"queueNamespace": "billing"}}
    create(db, namespaced, "run_created", data=data)
    claimed = claim(db)
    assert {d["runId"] for d in claimed} == {ours}
    assert {d["kind"] for d in claimed} == {"wake", "step"}
    assert [d["runId"] for d in claim(db, namespace="billing")] == [namespaced]
    assert [d["runId"] for d in claim(db, deploymentId="*")] == [theirs]


def test_a_claim_may_name_what_it_serves(db: Session) -> None:
    run_id = new_run(db)
    assert claim(db, workflows=["workflow//other"]) == []
    assert [d["runId"] for d in claim(db, workflows=[WORKFLOW])] == [run_id]


def test_a_claim_of_all_takes_back_what_a_dead_worker_held(db: Session) -> None:
    run_id = new_run(db)
    (first,) = claim(db, leaseSeconds=1)
    assert claim(db) == []
    db.set_clock(timedelta(seconds=2))
    (again,) = claim(db)
    assert (again["messageId"], again["attempt"]) == (first["messageId"], 2)
    assert again["runId"] == run_id
    with db.refused("WF409"):
        door(db, "json_ack_message", first)


def test_a_worker_of_all_is_one_that_serves(db: Session) -> None:
    run_id = new_run(db)
    (unserved,) = db.rows("select * from workflow_pg.why(%s)", run_id)
    assert unserved["cause"] == "unserved"
    db.call("heartbeat_worker", worker_id="w", workflows=["*"], deployment_id="ts")
    (served,) = db.rows("select * from workflow_pg.why(%s)", run_id)
    assert served["cause"] == "queued"


def test_what_becomes_of_a_delivery(db: Session) -> None:
    run_id = new_run(db)
    (delivery,) = claim(db)
    held = door(db, "json_extend_leases", [delivery], {"leaseSeconds": 60})
    assert held == {"held": [delivery["messageId"]]}
    lost = delivery | {"leaseToken": "00000000-0000-0000-0000-000000000000"}
    assert door(db, "json_extend_leases", [lost]) == {"held": []}
    assert door(db, "json_extend_leases", []) == {"held": []}

    assert door(db, "json_release_message", delivery) == {"released": True}
    (delivery,) = claim(db)
    assert delivery["attempt"] == 1
    door(db, "json_release_message", delivery, {"error": "it broke"})
    (message,) = db.messages(run_id)
    assert (message["attempt"], message["last_error"]) == (1, "it broke")
    db.set_clock(timedelta(minutes=1))
    (delivery,) = claim(db)
    assert delivery["attempt"] == 2
    door(db, "json_release_message", delivery, {"delaySeconds": 30.5})
    assert claim(db) == []
    db.set_clock(timedelta(minutes=2))
    (delivery,) = claim(db)
    assert delivery["attempt"] == 1
    assert door(db, "json_ack_message", delivery) == {"acked": True}
    assert door(db, "json_ack_message", delivery) == {"acked": True}
    assert db.messages(run_id) == []
    send(db, {"runId": run_id})


def test_a_message_is_given_up(db: Session) -> None:
    run_id = new_run(db)
    (delivery,) = claim(db, maxDeliveries=64)
    buried = door(db, "json_bury_message", delivery, {"error": "no more"})
    assert buried == {"buried": True}
    run = door(db, "json_get_run", run_id)
    assert run["status"] == "failed"
    assert run["errorCode"] == "MAX_DELIVERIES_EXCEEDED"
    assert run["error"] == {"message": "no more", "code": "MAX_DELIVERIES_EXCEEDED"}


_MALFORMED: list[tuple[str, list[Any]]] = [
    ("json_send_message", [_QUEUE, {}]),
    ("json_send_message", [_QUEUE, []]),
    ("json_send_message", [_QUEUE, {"runId": 7}]),
    ("json_send_message", ["other", {"runId": "wrun_x", "runInput": {}}]),
    ("json_send_message", [_QUEUE, {"runId": "x"}, {"kind": "none"}]),
    ("json_send_message", [_QUEUE, {"runId": "x"}, {"delaySeconds": "1"}]),
    ("json_send_message", [_QUEUE, {"runId": "x"}, {"delaySeconds": -1}]),
    ("json_send_message", [_QUEUE, {"runId": "x"}, {"delaySeconds": 1e12}]),
    ("json_claim_messages", [{}]),
    ("json_claim_messages", [{"workerId": "w", "limit": 1.5}]),
    ("json_claim_messages", [{"workerId": "w", "limit": 2**40}]),
    ("json_claim_messages", [{"workerId": "w", "workflows": [1]}]),
    ("json_claim_messages", [{"workerId": "w", "workflows": "a"}]),
    ("json_claim_messages", [{"workerId": "w", "leaseSeconds": 0}]),
    ("json_ack_message", [{"runId": "r", "messageId": "m"}]),
    ("json_ack_message", [{"runId": "r", "messageId": "m", "leaseToken": "x"}]),
    ("json_extend_leases", [{}]),
]


@pytest.mark.parametrize(
    ("function", "arguments"),
    _MALFORMED,
)
def test_malformed_calls_are_refused(
    db: Session, function: str, arguments: list[Any]
) -> None:
    with db.refused("WF400"):
        door(db, function, *arguments)


def test_a_failure_has_a_delay_of_its_own(db: Session) -> None:
    new_run(db)
    (delivery,) = claim(db)
    with db.refused("WF400", argument="delaySeconds"):
        door(db, "json_release_message", delivery, {"error": "e", "delaySeconds": 1})
