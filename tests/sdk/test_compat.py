"""The SDK that is installed is the one that the adapter was written for."""

from __future__ import annotations

import inspect

import pytest
from vercel.workflow import version

from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk.shapes import PAYLOAD_FIELDS
from workflow_pg.sdk.version import check_sdk_version
from workflow_pg.sdk.world import PostgresWorld

ABSTRACT = {
    "create_queue_handler",
    "events_create",
    "events_list",
    "get_deployment_id",
    "hooks_get_by_token",
    "queue",
    "runs_get",
    "steps_get",
    "streams_close",
    "streams_get",
    "streams_get_chunks",
    "streams_get_info",
    "streams_list",
    "streams_write",
}

EVENT_FIELDS: dict[type[sdk.BaseEvent], set[str]] = {
    sdk.RunCreatedEvent: {
        "deployment_id",
        "workflow_name",
        "input",
        "execution_context",
        "encryption_public_key",
    },
    sdk.RunStartedEvent: {
        "input",
        "deployment_id",
        "workflow_name",
        "execution_context",
        "attributes",
        "allow_reserved_attributes",
        "encryption_public_key",
    },
    sdk.RunCompletedEvent: {"output"},
    sdk.RunFailedEvent: {"error", "error_code"},
    sdk.RunCancelledEvent: {"cancel_reason"},
    sdk.AttrSetEvent: {"changes", "writer", "allow_reserved_attributes"},
    sdk.StepCreatedEvent: {"step_name", "input"},
    sdk.StepStartedEvent: {"attempt"},
    sdk.StepRetryingEvent: {"error", "retry_after"},
    sdk.StepCompletedEvent: {"result"},
    sdk.StepFailedEvent: {"error"},
    sdk.HookCreatedEvent: {"token", "metadata", "is_webhook", "is_system"},
    sdk.HookReceivedEvent: {"payload", "token"},
    sdk.HookDisposedEvent: set(),
    sdk.WaitCreatedEvent: {"resume_at"},
    sdk.WaitCompletedEvent: set(),
}


def test_the_world_has_the_abstract_methods_we_know() -> None:
    assert sdk.World.__abstractmethods__ == ABSTRACT


@pytest.mark.parametrize("name", sorted(ABSTRACT | {"streams_write_multi"}))
def test_our_methods_take_what_the_worlds_take(name: str) -> None:
    theirs = inspect.signature(getattr(sdk.World, name)).parameters
    ours = inspect.signature(getattr(PostgresWorld, name)).parameters
    assert [(p.name, p.kind) for p in ours.values()] == [
        (p.name, p.kind) for p in theirs.values()
    ]


@pytest.mark.parametrize("model", EVENT_FIELDS, ids=lambda model: model.__name__)
def test_events_carry_what_we_store(model: type[sdk.BaseEvent]) -> None:
    data = model.model_fields.get("event_data")
    fields: set[str] = set()
    if data is not None:
        annotation = data.annotation
        for kind in (annotation, *getattr(annotation, "__args__", ())):
            fields |= set(getattr(kind, "model_fields", ()))
    assert fields == EVENT_FIELDS[model]


def test_every_payload_has_a_field() -> None:
    with_payload = {
        model
        for model in EVENT_FIELDS
        if EVENT_FIELDS[model] & set(PAYLOAD_FIELDS.values())
    }
    named = {model.model_fields["event_type"].default for model in with_payload}
    assert named - {"run_started"} == {str(event) for event in PAYLOAD_FIELDS}


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "__version__", "0.13.0")
    with pytest.raises(ImportError, match=r"0\.12\.x and found 0\.13\.0"):
        check_sdk_version()
