"""Versions 2 to 7 of the protocol are understood; the version rides on the event."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import EVENTS, LATER, SETS, STEP, Session, new_run_id

FACTS: dict[str, Any] = {
    "workflowName": "w",
    "deploymentId": "default",
    "stepName": STEP,
    "token": "t",
    "resumeAt": LATER,
    **SETS,
}


@pytest.mark.parametrize("version", [0, 1, 8, None])
@pytest.mark.parametrize("event", EVENTS)
def test_a_version_that_is_not_supported_is_refused(
    db: Session, event: str, version: int | None
) -> None:
    is_new = event == "run_created"
    run_id = new_run_id() if is_new else db.new_run("pending")
    correlation_id = None if event.startswith("run") else "id_1"
    told: dict[str, Any] = {"facts": FACTS, "payload": b"x", "spec_version": version}
    with db.refused("WF426", spec_version=version):
        db.append(run_id, event, correlation_id, **told)


@pytest.mark.parametrize("version", [2, 5, 7])
def test_the_version_of_an_event_is_kept_with_it(db: Session, version: int) -> None:
    run_id = db.new_run("pending", spec_version=version)
    for event in ("step_created", "hook_created", "wait_created", "attr_set"):
        db.append(run_id, event, "id_1", facts=FACTS, spec_version=version)
    assert {event["spec_version"] for event in db.log(run_id)} == {version}
    (run,) = db.call("get_run", run_id=run_id)
    (step,) = db.call("get_step", run_id=run_id, step_id="id_1")
    (hook,) = db.call("get_hook", run_id=run_id, hook_id="id_1")
    wait = db.value("select spec_version from workflow_pg.waits")
    versions = [entity["spec_version"] for entity in (run, step, hook)]
    assert [*versions, wait] == [version] * 4


def test_the_version_of_a_run_does_not_change(db: Session) -> None:
    run_id = db.new_run("pending", spec_version=5)
    db.append(run_id, "run_started", spec_version=7)
    (run,) = db.call("get_run", run_id=run_id)
    assert run["spec_version"] == 5
    assert [event["spec_version"] for event in db.log(run_id)] == [5, 7]
