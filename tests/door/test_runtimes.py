"""The calls of the protocol's runtimes in their order: how often a run is delivered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tests.concurrency.fold import assert_sound
from tests.door.wire import Json, create, door, tagged
from tests.support import STEP, WORKFLOW, Session, new_run_id

_QUEUE = f"__wkf_workflow_{WORKFLOW}"
_QUIET = {"wake": False}


@dataclass
class Runtime:
    """One run, and a worker that serves whatever its deployment has."""

    db: Session
    version: int
    run_id: str = field(default_factory=new_run_id)
    deliveries: int = 0

    def create(self, event: str, entity: str | None = None, /, **data: Any) -> Json:
        """Create an event as a handler does that queues what it wants."""
        params = _QUIET if event != "run_started" else {"skipPreload": True}
        return create(
            self.db, self.run_id, event, entity, data, params, specVersion=self.version
        )

    def queue(self, message: Json | None = None, **params: Any) -> str:
        """Queue a message about the run."""
        told = {"runId": self.run_id, **(message or {})}
        result = door(self.db, "json_send_message", _QUEUE, told, params)
        return result["messageId"]

    def start(self, *, is_queued_first: bool = False) -> None:
        """What start() does, its two calls in either order."""
        run: Json = {
            "workflowName": WORKFLOW,
            "deploymentId": "ts",
            "input": tagged(b"in"),
        }
        if is_queued_first:
            self.queue({"runInput": run}, deploymentId="ts")
        self.create("run_created", **run)
        if not is_queued_first:
            self.queue({"runInput": run}, deploymentId="ts")

    def later(self, after: str) -> str:
        """The time in a while, as a runtime writes it."""
        query = "select workflow_pg_private.wire_iso(clock_timestamp() + %s::interval)"
        return self.db.value(query, after)

    def claim(self) -> list[Json]:
        """The deliveries that are due."""
        params = {"workerId": "w", "deploymentId": "ts", "limit": 10}
        claimed = door(self.db, "json_claim_messages", params)
        self.deliveries += len(claimed)
        return claimed

    def ack(self, delivery: Json) -> None:
        """A delivery is done."""
        door(self.db, "json_ack_message", delivery)

    def nothing_is_left(self) -> None:
        """There is nothing to deliver, however long one waits."""
        self.db.set_clock(timedelta(days=1))
        assert self.claim() == []
        assert_sound(self.db, self.run_id)


@pytest.fixture(params=[7, 3], ids=["5.x", "4.x"])
def runtime(db: Session, request: pytest.FixtureRequest) -> Runtime:
    """A runtime of each generation."""
    return Runtime(db, request.param)


@pytest.mark.parametrize("first", ["queue", "create"])
def test_steps_in_a_row_are_one_delivery(runtime: Runtime, first: str) -> None:
    runtime.start(is_queued_first=first == "queue")
    (delivery,) = runtime.claim()
    assert runtime.create("run_started")["run"]["status"] == "running"
    for number in range(3):
        started = runtime.create(
            "step_started",
            f"step_{number}",
            stepName=STEP,
            input=tagged(b"in"),
            ownerMessageId=delivery["messageId"],
        )
        assert started["stepCreated"]
        runtime.create("step_completed", f"step_{number}", result=tagged(b"out"))
    log = door(runtime.db, "json_list_events", {"runId": runtime.run_id})
    assert len(log["data"]) == 11
    runtime.create("run_completed", output=tagged(b"out"))
    runtime.ack(delivery)
    runtime.nothing_is_left()
    assert runtime.deliveries == 1


def _fall_asleep(runtime: Runtime) -> Json:
    """The delivery in which a run begins a sleep of 60 seconds."""
    runtime.start()
    (delivery,) = runtime.claim()
    runtime.create("run_started")
    runtime.create("wait_created", "wait_1", resumeAt=runtime.later("60 s"))
    return delivery


def _wake_up(runtime: Runtime, delivery: Json) -> None:
    """The run goes on after its sleep, to its end; it was delivered twice."""
    assert "event" not in runtime.create("run_started")
    runtime.create("wait_completed", "wait_1")
    runtime.create("run_completed")
    runtime.ack(delivery)
    runtime.nothing_is_left()
    assert runtime.deliveries == 2


def test_a_sleep_is_two_deliveries(runtime: Runtime) -> None:
    delivery = _fall_asleep(runtime)
    hint = {"correlationId": "wait_1", "attempt": 1}
    runtime.queue({"waitContinuation": hint}, delaySeconds=60)
    runtime.ack(delivery)
    assert runtime.claim() == []
    runtime.db.set_clock(timedelta(seconds=61))
    (delivery,) = runtime.claim()
    _wake_up(runtime, delivery)


def test_a_sleep_in_the_delivery_itself_is_two_as_well(runtime: Runtime) -> None:
    delivery = _fall_asleep(runtime)
    door(runtime.db, "json_release_message", delivery, {"delaySeconds": 60})
    runtime.db.set_clock(timedelta(seconds=61))
    (again,) = runtime.claim()
    assert (again["messageId"], again["attempt"]) == (delivery["messageId"], 1)
    _wake_up(runtime, again)


def test_each_parallel_step_is_delivered_once(runtime: Runtime) -> None:
    runtime.start()
    (delivery,) = runtime.claim()
    runtime.create("run_started")
    for step_id in ("step_1", "step_2"):
        data: Json = {"stepName": STEP, "input": tagged(b"in")}
        runtime.create("step_created", step_id, **data)
        message = {"stepId": step_id, "stepName": STEP}
        runtime.queue(message, idempotencyKey=step_id)
    runtime.ack(delivery)
    for step in runtime.claim():
        assert step["kind"] == "step"
        runtime.create("step_started", step["stepId"], stepName=STEP)
        runtime.create("step_completed", step["stepId"], result=tagged(b""))
        runtime.queue()
        runtime.ack(step)
    (delivery,) = runtime.claim()
    runtime.create("run_started")
    runtime.create("run_completed")
    runtime.ack(delivery)
    runtime.nothing_is_left()
    assert runtime.deliveries == 4


def test_an_attempt_that_failed_is_delivered_again_when_it_may_begin(
    runtime: Runtime,
) -> None:
    runtime.start()
    (delivery,) = runtime.claim()
    runtime.create("run_started")
    data: Json = {"stepName": STEP, "input": tagged(b"in")}
    runtime.create("step_started", "step_1", **data)
    runtime.create(
        "step_retrying", "step_1", error="flaky", retryAfter=runtime.later("30 s")
    )
    message = {"stepId": "step_1", "stepName": STEP}
    runtime.queue(message, idempotencyKey="step_1", delaySeconds=30)
    runtime.ack(delivery)
    assert runtime.claim() == []
    with runtime.db.refused("WF425", retry_after=30):
        runtime.create("step_started", "step_1", stepName=STEP)
    runtime.db.set_clock(timedelta(seconds=31))
    (step,) = runtime.claim()
    assert runtime.create("step_started", "step_1")["step"]["attempt"] == 2
    runtime.create("step_completed", "step_1", result=tagged(b""))
    runtime.queue()
    runtime.ack(step)
    (delivery,) = runtime.claim()
    runtime.create("run_completed")
    runtime.ack(delivery)
    runtime.nothing_is_left()
    assert runtime.deliveries == 3


def test_a_resume_is_one_delivery(runtime: Runtime) -> None:
    runtime.start()
    (delivery,) = runtime.claim()
    runtime.create("run_started")
    runtime.create("hook_created", "hook_1", token="tok")
    runtime.ack(delivery)
    assert runtime.claim() == []
    hook = door(runtime.db, "json_get_hook_by_token", "tok")
    # A resumer may die before it queues: the run is woken by the event.
    create(
        runtime.db,
        hook["runId"],
        "hook_received",
        hook["hookId"],
        {"payload": tagged(b"p")},
    )
    runtime.queue()
    (delivery,) = runtime.claim()
    runtime.create("run_completed")
    runtime.ack(delivery)
    runtime.nothing_is_left()
    assert runtime.deliveries == 2


def test_who_dies_in_a_step_gets_its_delivery_again(runtime: Runtime) -> None:
    runtime.start()
    (delivery,) = runtime.claim()
    runtime.create("run_started")
    data: Json = {"stepName": STEP, "input": tagged(b"in")}
    runtime.create("step_started", "step_1", **data)
    runtime.db.set_clock(timedelta(seconds=20))
    (again,) = runtime.claim()
    assert (again["messageId"], again["attempt"]) == (delivery["messageId"], 2)
    assert runtime.create("step_started", "step_1")["step"]["attempt"] == 2
    runtime.create("step_completed", "step_1", result=tagged(b""))
    runtime.create("run_completed")
    runtime.ack(again)
    runtime.nothing_is_left()
    assert runtime.deliveries == 2
