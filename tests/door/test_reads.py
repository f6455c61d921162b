"""Gets and lists of the JSON door."""

from __future__ import annotations

from typing import Any

import pytest

from tests.door.wire import Json, create, door, new_run, tagged
from tests.support import LATER, STEP, WORKFLOW, Session, new_run_id

_NOTHING: Json = {"data": [], "cursor": None, "hasMore": False}


def _walk(db: Session, function: str, params: Json, limit: int = 2) -> list[Json]:
    """All of a list, page by page; each but an empty page has its cursor."""
    found: list[Json] = []
    cursor = None
    while True:
        pagination = {**params.get("pagination", {}), "limit": limit, "cursor": cursor}
        page = door(db, function, {**params, "pagination": pagination})
        assert set(page) == {"data", "cursor", "hasMore"}
        found += page["data"]
        if not page["hasMore"]:
            assert page["cursor"] is not None or page["data"] == []
            return found
        assert page["cursor"] not in {None, cursor}
        assert len(page["data"]) == limit
        cursor = page["cursor"]


def test_an_event_is_found_by_its_id_whatever_its_prefix(db: Session) -> None:
    run_id = new_run(db)
    digits = f"{1:026d}"
    found = [
        door(db, "json_get_event", run_id, prefix + digits)
        for prefix in ("evnt_", "wevt_", "")
    ]
    assert found[0] == found[1] == found[2]
    assert found[0]["eventData"]["input"] == tagged(b"in")
    none = {"resolveData": "none"}
    assert "input" not in door(db, "json_get_event", run_id, digits, none)["eventData"]
    for event_id in ("evnt_x", f"{9:026d}", "evnt_01KB0000000000000000000000"):
        with db.refused("WF404", entity="event"):
            door(db, "json_get_event", run_id, event_id)


def test_a_log_is_read_page_by_page_in_both_directions(db: Session) -> None:
    run_id = new_run(db)
    for number in range(3):
        create(db, run_id, "wait_created", f"wait_{number}", {"resumeAt": LATER})
    log = _walk(db, "json_list_events", {"runId": run_id})
    assert [e["eventId"] for e in log] == [f"evnt_{n:026d}" for n in range(1, 6)]
    back = {"runId": run_id, "pagination": {"sortOrder": "desc"}}
    assert _walk(db, "json_list_events", back) == log[::-1]
    assert door(db, "json_list_events", {"runId": run_id}) == {
        "data": log,
        "cursor": log[-1]["eventId"],
        "hasMore": False,
    }


def test_the_last_cursor_goes_on_later(db: Session) -> None:
    run_id = new_run(db)
    cursor = door(db, "json_list_events", {"runId": run_id})["cursor"]
    after = {"runId": run_id, "pagination": {"cursor": cursor}}
    assert door(db, "json_list_events", after) == _NOTHING
    create(db, run_id, "run_completed")
    page = door(db, "json_list_events", after)
    assert [e["eventType"] for e in page["data"]] == ["run_completed"]


def test_the_log_of_one_entity(db: Session) -> None:
    run_id = new_run(db)
    db.new_step(run_id, "step_1", "completed")
    db.new_step(run_id, "step_2", "completed")
    events = _walk(db, "json_list_events", {"runId": run_id, "correlationId": "step_2"})
    assert [e["eventType"] for e in events] == [
        "step_created",
        "step_started",
        "step_completed",
    ]
    assert {e["correlationId"] for e in events} == {"step_2"}


def test_a_page_of_large_payloads_ends_early(db: Session) -> None:
    run_id = new_run(db)
    for number in range(3):
        data = {"stepName": STEP}
        big = b"x" * 9_000_000
        create(db, run_id, "step_created", f"step_{number}", data, payload=big)
    first = door(db, "json_list_events", {"runId": run_id})
    assert (len(first["data"]), first["hasMore"]) == (3, True)
    after = {"cursor": first["cursor"]}
    second = door(db, "json_list_events", {"runId": run_id, "pagination": after})
    assert (len(second["data"]), second["hasMore"]) == (1, True)
    none = {"runId": run_id, "resolveData": "none"}
    assert door(db, "json_list_events", none)["hasMore"] is False
    steps = door(db, "json_list_steps", {"runId": run_id})
    assert (len(steps["data"]), steps["hasMore"]) == (1, True)
    assert len(door(db, "json_list_steps", none)["data"]) == 3
    # And one that has no page of its own is no preload.
    again = create(db, run_id, "run_started")
    assert set(again) == {"run"}


def test_a_run_that_does_not_exist(db: Session) -> None:
    run_id = new_run_id()
    with db.refused("WF404", entity="run", run_id=run_id):
        door(db, "json_get_run", run_id)
    with db.refused("WF404", entity="step"):
        door(db, "json_get_step", run_id, "step_1")
    with db.refused("WF404", entity="wait", id="wait_1"):
        door(db, "json_get_wait", run_id, f"{run_id}-wait_1")
    with db.refused("WF404", entity="hook"):
        door(db, "json_get_hook", run_id, "hook_1")
    with db.refused("WF404", entity="hook", token="tok"):
        door(db, "json_get_hook_by_token", "tok")
    for function in ("events", "steps", "hooks", "waits"):
        assert door(db, f"json_list_{function}", {"runId": run_id}) == _NOTHING


def test_several_runs_of_one_moment(db: Session) -> None:
    first, second = new_run(db), new_run(db)
    ids = f"{{{second},{new_run_id()},{first},{second}}}"
    runs = door(db, "json_get_runs", ids, {"resolveData": "none"})
    assert [run and run["runId"] for run in runs] == [second, None, first, second]
    assert "input" not in runs[0]
    assert door(db, "json_get_runs", "{}") == []


def test_runs_are_listed_newest_first(db: Session) -> None:
    ids = [new_run(db) for _ in range(5)]
    create(db, ids[1], "run_completed", data={"output": tagged(b"out")})
    create(db, ids[3], "run_cancelled")
    listed = _walk(db, "json_list_runs", {})
    assert [run["runId"] for run in listed] == ids[::-1]
    assert listed[3]["output"] == tagged(b"out")
    assert listed == [door(db, "json_get_run", run_id) for run_id in ids[::-1]]
    # One page, and none of it beyond.
    page = door(db, "json_list_runs", None)
    assert (page["data"], page["hasMore"]) == (listed, False)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"status": "running"}, [2, 0]),
        ({"status": ["running", "completed"]}, [2, 1, 0]),
        ({"status": []}, []),
        ({"status": None}, [2, 1, 0]),
        ({"workflowName": WORKFLOW, "status": "completed"}, [1]),
        ({"workflowName": "workflow//other"}, []),
        ({"deploymentId": "ts"}, [2, 1, 0]),
        ({"deploymentId": "other"}, []),
        ({"attributes": {"colour": "blue"}}, [2]),
    ],
)
def test_runs_are_filtered(db: Session, filters: Json, expected: list[int]) -> None:
    ids = [new_run(db) for _ in range(3)]
    create(db, ids[1], "run_completed")
    changes = [{"key": "colour", "value": "blue"}]
    set_ = door(db, "json_set_attributes", ids[2], changes)
    assert set_ == {"attributes": {"colour": "blue"}}
    listed = _walk(db, "json_list_runs", filters)
    assert [ids.index(run["runId"]) for run in listed] == expected


def test_a_failed_run_of_4x_is_listed_with_its_error(db: Session) -> None:
    run_id = new_run(db, specVersion=3)
    create(db, run_id, "run_failed", data={"error": "boom"}, specVersion=3)
    listed = door(db, "json_list_runs", {"resolveData": "none"})["data"]
    assert [run["error"] for run in listed] == [{"message": "boom"}]


def test_steps_are_listed_greatest_id_first(db: Session) -> None:
    run_id = new_run(db)
    for number in range(5):
        db.new_step(run_id, f"step_{number}", "completed")
    listed = _walk(db, "json_list_steps", {"runId": run_id})
    assert [s["stepId"] for s in listed] == [f"step_{n}" for n in (4, 3, 2, 1, 0)]
    assert listed[0] == door(db, "json_get_step", run_id, "step_4")
    assert listed[0]["input"] == tagged(b"in")
    bare = _walk(db, "json_list_steps", {"runId": run_id, "resolveData": "none"})
    assert all("input" not in s and "output" not in s for s in bare)


def test_the_error_of_a_step_of_4x_is_no_payload(db: Session) -> None:
    run_id = new_run(db)
    db.new_step(run_id, "step_1", "running")
    create(db, run_id, "step_retrying", "step_1", {"error": "boom"})
    create(db, run_id, "step_completed", "step_1", {"result": tagged(b"out")})
    step = door(db, "json_get_step", run_id, "step_1", {"resolveData": "none"})
    assert step["error"] == {"message": "boom"}
    assert not {"input", "output"} & set(step)


def test_hooks_are_listed_by_run_and_over_all(db: Session) -> None:
    first, second = new_run(db), new_run(db)
    for number, run_id in enumerate([first, first, first, second]):
        data = {"token": f"tok{9 - number}", "metadata": tagged(b"meta")}
        create(db, run_id, "hook_created", f"hook_{number}", data)
    create(db, first, "hook_disposed", "hook_1")
    mine = _walk(db, "json_list_hooks", {"runId": first})
    assert [h["hookId"] for h in mine] == ["hook_0", "hook_2"]
    assert mine[0] == door(db, "json_get_hook", first, "hook_0")
    assert mine[0]["metadata"] == tagged(b"meta")
    everybody = _walk(db, "json_list_hooks", {"resolveData": "none"})
    assert [h["token"] for h in everybody] == ["tok6", "tok7", "tok9"]
    assert all("metadata" not in h for h in everybody)


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_lists_go_both_ways(db: Session, order: str) -> None:
    run_id = new_run(db)
    ids = [str(number) for number in range(4)]
    for number in ids:
        db.new_step(run_id, number)
        create(db, run_id, "hook_created", number, {"token": f"tok{number}"})
        create(db, run_id, "wait_created", number, {"resumeAt": LATER})
    expected = ids if order == "asc" else ids[::-1]
    params: Json = {"runId": run_id, "pagination": {"sortOrder": order}}
    for entity in ("step", "hook", "wait"):
        listed = _walk(db, f"json_list_{entity}s", params)
        assert [item[f"{entity}Id"][-1] for item in listed] == expected
    tokens = _walk(db, "json_list_hooks", {"pagination": {"sortOrder": order}})
    assert [hook["hookId"] for hook in tokens] == expected
    new_run(db)
    runs = _walk(db, "json_list_runs", {"pagination": {"sortOrder": order}}, 1)
    created = [run["createdAt"] for run in runs]
    assert created == sorted(created, reverse=order == "desc")
    assert len({run["runId"] for run in runs}) == 2


def test_a_cursor_of_another_list_is_refused(db: Session) -> None:
    run_id = new_run(db)
    db.new_step(run_id)
    cursor = door(db, "json_list_steps", {"runId": run_id})["cursor"]
    page = {"runId": run_id, "pagination": {"cursor": cursor}}
    for entity in ("events", "runs", "hooks", "waits"):
        with db.refused("WF400", argument="cursor"):
            door(db, f"json_list_{entity}", page)


def test_a_hook_by_its_token_has_what_a_resumer_needs(db: Session) -> None:
    run_id = new_run_id()
    context = {"workflowCoreVersion": "5.0.0", "traceCarrier": {"a": "b"}, "x": 1}
    context |= {"hookResumeInputVersion": 1}
    data = {
        "workflowName": WORKFLOW,
        "deploymentId": "ts",
        "input": tagged(b"in"),
        "executionContext": context,
        "encryptionPublicKey": "a2V5",
    }
    create(db, run_id, "run_created", data=data)
    create(db, run_id, "hook_created", "hook_1", {"token": "tok", "isWebhook": False})
    hook = door(db, "json_get_hook_by_token", "tok")
    assert hook.pop("resumeContext") == {
        "deploymentId": "ts",
        "workflowName": WORKFLOW,
        "runSpecVersion": 7,
        "workflowCoreVersion": "5.0.0",
        "traceCarrier": {"a": "b"},
        "hookResumeInputVersion": 1,
        "encryptionPublicKey": "a2V5",
    }
    assert hook.pop("resumeCapabilities") == {"hookResumeDedupVersion": 1}
    assert hook == door(db, "json_get_hook", run_id, "hook_1")


def test_waits_are_found_by_either_id(db: Session) -> None:
    run_id = new_run(db)
    for number in range(3):
        create(db, run_id, "wait_created", f"wait_{number}", {"resumeAt": LATER})
    create(db, run_id, "wait_completed", "wait_1")
    listed = _walk(db, "json_list_waits", {"runId": run_id})
    assert [w["status"] for w in listed] == ["waiting", "completed", "waiting"]
    for wait_id in ("wait_1", f"{run_id}-wait_1"):
        assert door(db, "json_get_wait", run_id, wait_id) == listed[1]


def test_many_runs_are_cancelled(db: Session) -> None:
    live, done = new_run(db), new_run(db)
    create(db, done, "run_completed")
    absent = new_run_id()
    params = {"runIds": [done, live, absent], "cancelReason": "over"}
    assert door(db, "json_cancel_runs", params) == {
        "summary": {
            "requested": 3,
            "cancelled": 1,
            "alreadyCancelled": 0,
            "notCancellable": 1,
            "notFound": 1,
            "failed": 0,
        },
        "results": [
            {"runId": done, "outcome": "not_cancellable", "status": "completed"},
            {"runId": live, "outcome": "cancelled"},
            {"runId": absent, "outcome": "not_found"},
        ],
    }
    assert door(db, "json_get_run", live)["cancelReason"] == "over"


_PAGES: list[Any] = [
    [],
    {"limit": 0},
    {"limit": 1001},
    {"limit": "2"},
    {"cursor": 5},
    {"sortOrder": "up"},
]
_PAGED = ("events", "runs", "steps", "hooks", "waits")
_MALFORMED: list[tuple[str, list[Any]]] = [
    *[(f"json_list_{e}", [{}]) for e in ("events", "steps", "waits")],
    *[
        (f"json_list_{e}", [{"runId": "r", "pagination": page}])
        for e in _PAGED
        for page in _PAGES
    ],
    ("json_list_events", [{"runId": "r", "pagination": {"cursor": "evnt_x"}}]),
    ("json_list_events", [{"runId": "r", "resolveData": "some"}]),
    ("json_list_events", [{"runId": 1}]),
    ("json_list_runs", [{"pagination": {"cursor": "x"}}]),
    ("json_list_runs", [{"pagination": {"cursor": "2026-01-01T00:00:00/x"}}]),
    ("json_list_runs", [{"status": "paused"}]),
    ("json_list_runs", [{"status": [1]}]),
    ("json_list_runs", [{"status": {}}]),
    ("json_list_runs", [{"attributes": {"a": 1}}]),
    ("json_list_runs", [{"attributes": []}]),
    ("json_list_runs", [[]]),
    ("json_get_run", ["wrun_x", {"resolveData": True}]),
    ("json_cancel_runs", [{}]),
    ("json_cancel_runs", [{"runIds": "wrun_x"}]),
    ("json_set_attributes", ["wrun_x", {}]),
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


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("json_get_run", []),
        ("json_get_step", ["step_1"]),
        ("json_get_event", [f"{1:026d}"]),
        ("json_list_events", None),
        ("json_list_steps", None),
    ],
)
def test_who_asks_for_a_payload_is_told_that_it_was_purged(
    db: Session, function: str, arguments: list[str] | None
) -> None:
    run_id = new_run(db)
    create(db, run_id, "step_created", "step_1", {"stepName": STEP})
    create(db, run_id, "run_completed")
    db.call("purge_run", run_id=run_id)

    def read(**resolve: str) -> Json:
        if arguments is None:
            return door(db, function, {"runId": run_id, **resolve})
        return door(db, function, run_id, *arguments, resolve)

    with db.refused("WF410", entity="run", id=run_id):
        read()
    assert read(resolveData="none")
