"""Runs from before there was a log of everything, made by a package of that time."""

from __future__ import annotations

import json

import pytest

from tests.importing import real
from tests.importing.conftest import Importing
from tests.importing.documents import document
from tests.support import Session


async def test_legacy_rows_are_kept_as_legacy(
    ours: Session, empty_dsn: str, bring: Importing
) -> None:
    (ids,) = real.load(real.LEGACY, empty_dsn)
    done = await bring()
    assert (done.runs, done.problems) == ({"imported": 3}, [])
    (run,) = ours.call("get_run", run_id=ids["completed"])
    assert (run["spec_version"], run["status"]) == (1, "completed")
    assert json.loads(run["input"]) == [{"order": "completed"}, 3]
    assert json.loads(run["output"]) == {"ok": True}
    (step,) = ours.call("get_step", run_id=ids["completed"], step_id="step_1")
    assert (step["spec_version"], step["attempt"]) == (1, 1)
    # A result that is false is a result.
    assert json.loads(step["output"]) is False
    (run,) = ours.call("get_run", run_id=ids["failed"])
    assert json.loads(run["error"]) == {
        "message": "no more",
        "stack": "at y",
        "code": "GONE",
    }
    assert run["error_code"] == "GONE"
    (step,) = ours.call("get_step", run_id=ids["failed"], step_id="step_2")
    assert json.loads(step["error"]) == {"message": "out of stock", "stack": "at x"}


async def test_a_live_legacy_run_is_told_and_can_be_cancelled(
    ours: Session, empty_dsn: str, bring: Importing
) -> None:
    (ids,) = real.load(real.LEGACY, empty_dsn)
    await bring()
    live = ids["live"]
    assert ours.messages(live) == []
    (hook,) = ours.call("get_hook_by_token", token="legacy-token")
    assert (hook["run_id"], json.loads(hook["metadata"])) == (live, {"a": 1})
    ours.call("resume_hook", token="legacy-token", payload=b"{}", codec="json")
    assert ours.types(live)[-1] == "hook_received"
    with ours.refused("WF426", run_id=live):
        ours.call("start_run", run_id=live)
    ours.call("cancel_run", run_id=live)
    assert ours.call("get_run", run_id=live)[0]["status"] == "cancelled"
    with ours.refused("WF404"):
        ours.call("get_hook_by_token", token="legacy-token")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            '{"message": "m", "stack": "s", "code": "C", "more": 1}',
            {"message": "m", "stack": "s", "code": "C"},
        ),
        ('{"message": "m"}', {"message": "m"}),
        ('"a scalar"', {"message": "a scalar"}),
        ("42", {"message": "42"}),
        ("false", {"message": "false"}),
        ("no JSON: {", {"message": "no JSON: {"}),
        (None, None),
        ("", None),
        ('{"reason": "x"}', {"message": '{"reason": "x"}'}),
        ("null", {"message": "null"}),
        ('"\\u0000"', {"message": '"\\u0000"'}),
    ],
)
def test_the_error_of_a_legacy_run_has_four_forms(
    db: Session, text: str | None, error: object
) -> None:
    given = document(status="failed", spec_version=1, error_text=text)
    db.call("import_run", document=given)
    (run,) = db.call("get_run", run_id=given["run"]["run_id"])
    assert (run["error"] and json.loads(run["error"])) == error
