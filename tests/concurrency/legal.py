"""For each event a run in which it is legal, and a call that appends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.support import LATER, SETS, STEP, WORKFLOW, Row, Session, new_run_id

FACTS: dict[str, Any] = {
    "workflowName": WORKFLOW,
    "stepName": STEP,
    "token": "another token",
    "resumeAt": LATER,
    "retryAfter": LATER,
    **SETS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Legal:
    """A call of append_event that any session may make, under one dedup key."""

    event: str
    run_id: str
    correlation_id: str | None

    def __call__(self, session: Session) -> Row:
        """The reply to the call."""
        # With its input a step_started would be of a step that is not there yet.
        payload = None if self.event == "step_started" else b"x"
        told = {"facts": FACTS, "payload": payload, "dedup_key": "key"}
        return session.append(self.run_id, self.event, self.correlation_id, **told)


def legal(db: Session, event: str) -> Legal:
    """A call that appends `event`, in a run where it moves as much as it can."""
    kind, _, verb = event.partition("_")
    if event == "run_created":
        return Legal(event=event, run_id=new_run_id(), correlation_id=None)
    run_id = db.new_run("pending" if event == "run_started" else "running")
    if verb != "created":
        status = "pending" if event == "step_started" else "running"
        db.new_step(run_id, "step_1", status)
        db.append(run_id, "hook_created", "hook_1", facts={"token": "a token"})
        db.append(run_id, "wait_created", "wait_1", facts={"resumeAt": LATER})
    correlation_id = None if kind == "run" else f"{kind}_1"
    return Legal(event=event, run_id=run_id, correlation_id=correlation_id)
