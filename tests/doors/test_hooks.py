"""Hooks through every door: tokens, payloads, and resumes that come twice."""

from __future__ import annotations

import pytest

from tests.doors.checks import begin, log, refused
from tests.doors.door import Door
from tests.doors.values import Event, Hook
from tests.support import LATER, Session


def test_a_hook_receives_payloads_until_it_is_disposed(door: Door, db: Session) -> None:
    run_id = begin(door)
    assert door.create_hook(run_id, "hook_1", "token", b"meta") is None
    hook = Hook(run_id, "hook_1", "token", b"meta")
    assert door.get_hook(run_id, "hook_1") == hook
    assert door.get_hook_by_token("token") == hook
    door.receive_hook(run_id, "hook_1", b"one")
    door.receive_hook(run_id, "hook_1", b"one")
    door.dispose_hook(run_id, "hook_1")
    with refused(db, 404):
        door.receive_hook(run_id, "hook_1", b"late")
    with refused(db, 409):
        door.dispose_hook(run_id, "hook_1")
    with refused(db, 404):
        door.get_hook(run_id, "hook_1")
    with refused(db, 404):
        door.get_hook_by_token("token")
    assert log(db, run_id)[2:] == [
        Event("hook_created", "hook_1", b"meta"),
        Event("hook_received", "hook_1", b"one"),
        Event("hook_received", "hook_1", b"one"),
        Event("hook_disposed", "hook_1", None),
    ]


def test_a_token_is_one_hooks_at_a_time(door: Door, db: Session) -> None:
    holder, other = begin(door), begin(door)
    door.create_hook(holder, "hook_1", "token")
    assert door.create_hook(other, "hook_2", "token") == holder
    with refused(db, 404):
        door.get_hook(other, "hook_2")
    door.complete_run(holder, b"out")
    assert door.create_hook(other, "hook_3", "token") is None
    door.dispose_hook(other, "hook_3")
    assert door.create_hook(other, "hook_4", "token") is None
    assert db.types(other)[2:] == [
        "hook_conflict",
        "hook_created",
        "hook_disposed",
        "hook_created",
    ]


def test_a_resume_with_an_id_is_recorded_once(door: Door, db: Session) -> None:
    run_id = begin(door)
    door.create_hook(run_id, "hook_1", "token")
    door.receive_hook(run_id, "hook_1", b"x", "resume_1")
    with db.nothing_written():
        door.receive_hook(run_id, "hook_1", b"x", "resume_1")
    with refused(db, 409):
        door.receive_hook(run_id, "hook_1", b"y", "resume_1")
    door.receive_hook(run_id, "hook_1", b"x", "resume_2")
    door.complete_run(run_id, b"out")
    with db.nothing_written():
        door.receive_hook(run_id, "hook_1", b"x", "resume_1")
    assert log(db, run_id)[3:] == [
        Event("hook_received", "hook_1", b"x"),
        Event("hook_received", "hook_1", b"x"),
        Event("run_completed", None, b"out"),
    ]


def test_a_hook_that_outlives_its_run_receives_nothing(
    door: Door, db: Session, request: pytest.FixtureRequest
) -> None:
    run_id = begin(door)
    facts = {"token": "token", "isWebhook": False, "tokenRetentionUntil": LATER}
    db.append(run_id, "hook_created", "hook_1", facts=facts)
    door.complete_run(run_id, b"out")
    assert door.get_hook_by_token("token").hook_id == "hook_1"
    # As the page says, the runtimes of TypeScript know it by another name.
    is_typescript = request.node.callspec.params["door"] == "typescript"
    with refused(db, 404 if is_typescript else 410):
        door.receive_hook(run_id, "hook_1", b"late")
    door.dispose_hook(run_id, "hook_1")
    assert db.types(run_id)[-2:] == ["run_completed", "hook_disposed"]
