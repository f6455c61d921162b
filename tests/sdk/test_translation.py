"""Every refusal of SQL under the name that the SDK's runtime acts on."""

from __future__ import annotations

import pytest

from workflow_pg import errors
from workflow_pg.errors import Refusal
from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.errors import AttributesRefused, Refused, translate

HOOK = {"entity": "hook"}
RUN = {"entity": "run"}
ATTRIBUTES = {"argument": "attributes"}

CASES: list[tuple[type[Refusal], dict[str, str], str, type[Exception]]] = [
    (errors.NotFound, RUN, "step_created", sdk.WorkflowWorldError),
    (errors.NotFound, RUN, "hook_received", sdk.WorkflowWorldError),
    (errors.NotFound, HOOK, "hook_received", sdk.HookNotFoundError),
    (errors.NotFound, HOOK, "hook_disposed", sdk.HookNotFoundError),
    (errors.Conflict, RUN, "run_created", sdk.EntityConflictError),
    (errors.Conflict, RUN, "step_completed", sdk.EntityConflictError),
    (errors.Conflict, HOOK, "hook_created", sdk.EntityConflictError),
    (errors.Conflict, HOOK, "hook_disposed", sdk.EntityConflictError),
    (
        errors.Conflict,
        {"entity": "dedup_key"},
        "hook_received",
        sdk.HookResumeConflictError,
    ),
    (errors.HistoryCut, {"epoch": "1-2-3"}, "step_completed", sdk.WorkflowWorldError),
    (errors.RunFinal, RUN, "run_started", sdk.RunExpiredError),
    (errors.RunFinal, RUN, "", sdk.RunExpiredError),
    (errors.RunFinal, HOOK, "hook_received", sdk.HookNotFoundError),
    (errors.RunFinal, RUN, "step_started", sdk.EntityConflictError),
    (errors.RunFinal, RUN, "step_completed", sdk.EntityConflictError),
    (errors.MalformedCall, {}, "run_created", Refused),
    (errors.TooLarge, {}, "step_completed", Refused),
    (errors.LimitExceeded, {"argument": "reason"}, "run_cancelled", Refused),
    (errors.NotFound, RUN, "attr_set", sdk.WorkflowWorldError),
    (errors.Conflict, RUN, "attr_set", sdk.EntityConflictError),
    (errors.Conflict, {"entity": "attributes"}, "attr_set", sdk.EntityConflictError),
    (errors.LimitExceeded, ATTRIBUTES, "attr_set", AttributesRefused),
    (errors.LimitExceeded, ATTRIBUTES, "run_started", AttributesRefused),
    (errors.MalformedCall, ATTRIBUTES, "attr_set", Refused),
    (errors.SpecVersionUnsupported, {}, "step_created", Refused),
]


@pytest.mark.parametrize(("refusal", "detail", "event", "expected"), CASES)
def test_a_refusal_has_the_name_that_the_sdk_knows(
    refusal: type[Refusal],
    detail: dict[str, object],
    event: str,
    expected: type[Exception],
) -> None:
    raised = translate(refusal("the sentence", detail=detail), event, "x_1")
    assert type(raised) is expected
    if not isinstance(raised, sdk.HookNotFoundError):
        assert str(raised) == "the sentence"


def test_too_early_says_how_many_seconds() -> None:
    raised = translate(
        errors.TooEarly("wait", detail={"retry_after": 7}), "step_started", "s"
    )
    assert isinstance(raised, sdk.TooEarlyError)
    assert raised.retry_after == 7


def test_a_refusal_that_stays_is_fatal_to_a_step() -> None:
    assert issubclass(Refused, sdk.FatalError)
    assert issubclass(Refused, sdk.WorkflowWorldError)


def test_attributes_over_a_limit_are_what_the_sdk_raises_for_them() -> None:
    assert issubclass(AttributesRefused, sdk.AttributeValidationError)
    assert issubclass(AttributesRefused, Refused)
