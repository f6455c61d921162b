"""The SDK that is installed is the one that the adapter was written for."""

from __future__ import annotations

import asyncio
import inspect
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from vercel.workflow import RetryableError, version

from workflow_pg.sdk import _compat as sdk
from workflow_pg.sdk._compat_testing import other_time
from workflow_pg.sdk.shapes import PAYLOAD_FIELDS
from workflow_pg.sdk.version import check_sdk_version
from workflow_pg.sdk.world import PostgresWorld

DAY = timedelta(days=1)

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


def test_the_sdk_reads_the_clock_where_tests_replace_it() -> None:
    folder = Path(version.__file__).parent / "_internal"
    readers = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if re.search(r"\bdatetime\.(now|utcnow)\(UTC", path.read_text("utf-8"))
    }
    # Its own Worlds read it for themselves only.
    own = {"worlds/local.py", "worlds/vercel.py"}
    assert readers - own == {"runtime.py", "duration.py"}
    used = re.findall(r"\basyncio\.(\w+)", (folder / "run.py").read_text("utf-8"))
    assert set(used) == {"sleep"}


def test_tests_replace_the_clock_for_a_while() -> None:
    at = datetime(2999, 1, 1, tzinfo=UTC)
    with other_time(lambda _: at, asyncio.sleep):
        assert RetryableError("later", retry_after="1 day").retry_at == at + DAY
        assert RetryableError("then", retry_after=at).retry_at == at
    assert RetryableError("later", retry_after="1 day").retry_at < at
