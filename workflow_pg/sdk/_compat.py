"""Everything of the SDK's private modules that the adapter uses, and nothing else.

No other module imports them but `_compat_testing`, for tests of apps. So a new SDK
version is checked here: a test compares the abstract methods and the models with what
the adapter provides.
"""

# The SDK has no public World interface; this module is the one place that knows.
# pyright: reportPrivateUsage=false
# Some of its generics are bare.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Callable
from functools import partial
from typing import IO, Any, TypeVar, cast

from vercel.workflow import Run, start
from vercel.workflow._internal import devalue, error_serde
from vercel.workflow._internal.attributes import AttributeValidationError
from vercel.workflow._internal.core import Workflow, Workflows, _builtin_steps
from vercel.workflow._internal.encryption import (
    DecryptionError,
    derive_run_key,
    derive_run_public_key,
    encrypt_envelope,
    open_envelope,
    open_sealed_envelope,
)
from vercel.workflow._internal.errors import FatalError
from vercel.workflow._internal.py_sandbox import in_sandbox
from vercel.workflow._internal.runtime import (
    _health_check_run_id,
    _health_check_stream_name,
    workflow_entrypoint,
)
from vercel.workflow._internal.serialization import (
    ENCRYPTED,
    FORMAT_PREFIX_LENGTH,
    REVIVERS,
    SEALED,
    ZSTD,
    PayloadEncoder,
    argument_array,
    hydrate,
    hydrate_error,
    is_encrypted,
)
from vercel.workflow._internal.world import (
    AttrSetEvent,
    BaseEvent,
    BaseWorkflowRun,
    BaseWorkflowStep,
    CancelledWorkflowRun,
    CancelledWorkflowStep,
    CompletedWorkflowRun,
    CompletedWorkflowStep,
    EntityConflictError,
    Event,
    EventAdaptor,
    EventResult,
    FailedWorkflowRun,
    FailedWorkflowStep,
    HealthCheckPayload,
    Hook,
    HookConflictEvent,
    HookCreatedEvent,
    HookDisposedEvent,
    HookNotFoundError,
    HookReceivedEvent,
    HookResumeConflictError,
    HTTPHandler,
    HTTPRequest,
    HTTPResponse,
    NonFinalWorkflowRun,
    NonFinalWorkflowStep,
    PaginatedResult,
    PaginationOptions,
    QueueContinuation,
    QueueHandler,
    QueuePayload,
    RunCancelledEvent,
    RunCompletedEvent,
    RunCreatedEvent,
    RunCreatedEventData,
    RunExpiredError,
    RunFailedEvent,
    RunInput,
    RunStartedEvent,
    ServerProps,
    StepCompletedEvent,
    StepCreatedEvent,
    StepFailedEvent,
    StepRetryingEvent,
    StepStartedEvent,
    StreamChunksPage,
    StreamInfo,
    TooEarlyError,
    WaitCompletedEvent,
    WaitCreatedEvent,
    WorkflowInvokePayload,
    WorkflowRun,
    WorkflowStep,
    WorkflowWorldError,
    World,
    get_queue_name,
    get_queue_topic_prefix,
    get_world,
    set_world,
)

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdFile
else:
    from zstandard import ZstdDecompressor

T = TypeVar("T")

ERROR_TAGS = frozenset(error_serde.REVIVERS)
"""The tags under which the SDK writes errors."""


def workflow_names(registry: Workflows) -> list[str]:
    """Names of the workflows that a registry executes."""
    return list(registry._workflows)


def step_names(registry: Workflows) -> list[str]:
    """Names of the steps that a registry executes, the SDK's own steps included."""
    return [*own_step_names(registry), *_builtin_steps]


def own_step_names(registry: Workflows) -> list[str]:
    """Names of the steps that an app has put into a registry."""
    return [step.name for step in registry._steps.values()]


def queue_name(workflow: object) -> str:
    """The queue of a workflow, in the namespace of its registry."""
    if not isinstance(workflow, Workflow):
        raise TypeError(f"{type(workflow).__name__} is no workflow")
    return get_queue_name(workflow.workflow_id, workflow._resolve_queue_namespace())


def health_check_names(correlation_id: str) -> tuple[str, str]:
    """Run and stream of the answer to a health check, as the SDK's handler has it."""
    return (
        _health_check_run_id(correlation_id),
        _health_check_stream_name(correlation_id),
    )


def is_abort_stream(name: str) -> bool:
    """Whether the SDK signals cancellation to a running step on this stream."""
    return name.endswith("_system_abort")


def resume_of(event: HookReceivedEvent) -> tuple[str, str] | None:
    """Id and digest of the resume whose payload travelled on a message, if it did."""
    carried = event._queue_input
    return None if carried is None else (carried.resume_id, carried.payload_digest)


def plain_input(
    workflow: Workflow[..., T], args: tuple[object, ...], kwargs: dict[str, object]
) -> bytes:
    """The arguments as `start` encodes them, neither compressed nor encrypted.

    Raises:
        TypeError: They are not the workflow's.
    """
    bound = workflow.bind_arguments(args, kwargs)
    return PayloadEncoder().encode(
        argument_array(*workflow.codec.dump_arguments(*bound))
    )


def read_payload(
    data: bytes, *, key: bytes | None, limit: int, revive: Callable[[str, Any], Any]
) -> Any:
    """What a payload says, whatever classes this process knows.

    Args:
        data: The payload, with its prefix.
        key: That of its run; None when it is not there.
        limit: Bytes that it may have when it is decompressed.
        revive: Makes a value of a tag that is not devalue's own and what is under it.

    Raises:
        DecryptionError: It is encrypted, and there is no key or another one.
        ValueError: It is larger, or no payload, and many other errors: anybody may
            have written it.
    """
    text = data
    if is_encrypted(text):
        if key is None:
            raise DecryptionError("there is no key")
        is_sealed = text.startswith(SEALED)
        opened = open_sealed_envelope if is_sealed else open_envelope
        text = opened(key, text[FORMAT_PREFIX_LENGTH:])
    prefix, text = text[:FORMAT_PREFIX_LENGTH], text[FORMAT_PREFIX_LENGTH:]
    if prefix != b"devl":
        with _decompressing(prefix, text) as found:
            text = found.read(limit + FORMAT_PREFIX_LENGTH + 1)
        prefix, text = text[:FORMAT_PREFIX_LENGTH], text[FORMAT_PREFIX_LENGTH:]
    if prefix != b"devl" or len(text) > limit:
        raise ValueError(f"it is no devalue, or has more than {limit} bytes")
    revivers: dict[str, Callable[..., Any]] = {
        tag: partial(revive, tag) for tag in REVIVERS
    }
    return devalue.parse(text.decode(), revivers)


def _decompressing(prefix: bytes, data: bytes) -> IO[bytes]:
    """A reader that decompresses no more than it is asked for."""
    if prefix != ZSTD:
        return cast("IO[bytes]", gzip.GzipFile(fileobj=io.BytesIO(data)))
    if sys.version_info >= (3, 14):
        return ZstdFile(io.BytesIO(data))
    return ZstdDecompressor().stream_reader(data)


def error_name(tag: str, value: Any) -> str:
    """The class of an error as Python calls it, of a tag and what is under it."""
    error = error_serde.REVIVERS[tag](value)
    return str(getattr(error, "name", None) or type(error).__name__)


def is_nothing(value: object) -> bool:
    """Whether a value stands for none, in JavaScript."""
    return value is devalue.Undefined or value is devalue.Hole


def run_of(workflow: Workflow[..., T], run_id: str) -> Run[T]:
    """The handle that `start` would have returned for a run of a workflow."""
    return Run(run_id, output_validator=workflow.codec.validate_return)


__all__ = [
    "ENCRYPTED",
    "ERROR_TAGS",
    "AttrSetEvent",
    "AttributeValidationError",
    "BaseEvent",
    "BaseWorkflowRun",
    "BaseWorkflowStep",
    "CancelledWorkflowRun",
    "CancelledWorkflowStep",
    "CompletedWorkflowRun",
    "CompletedWorkflowStep",
    "DecryptionError",
    "EntityConflictError",
    "Event",
    "EventAdaptor",
    "EventResult",
    "FailedWorkflowRun",
    "FailedWorkflowStep",
    "FatalError",
    "HTTPHandler",
    "HTTPRequest",
    "HTTPResponse",
    "HealthCheckPayload",
    "Hook",
    "HookConflictEvent",
    "HookCreatedEvent",
    "HookDisposedEvent",
    "HookNotFoundError",
    "HookReceivedEvent",
    "HookResumeConflictError",
    "NonFinalWorkflowRun",
    "NonFinalWorkflowStep",
    "PaginatedResult",
    "PaginationOptions",
    "PayloadEncoder",
    "QueueContinuation",
    "QueueHandler",
    "QueuePayload",
    "Run",
    "RunCancelledEvent",
    "RunCompletedEvent",
    "RunCreatedEvent",
    "RunCreatedEventData",
    "RunExpiredError",
    "RunFailedEvent",
    "RunInput",
    "RunStartedEvent",
    "ServerProps",
    "StepCompletedEvent",
    "StepCreatedEvent",
    "StepFailedEvent",
    "StepRetryingEvent",
    "StepStartedEvent",
    "StreamChunksPage",
    "StreamInfo",
    "TooEarlyError",
    "WaitCompletedEvent",
    "WaitCreatedEvent",
    "Workflow",
    "WorkflowInvokePayload",
    "WorkflowRun",
    "WorkflowStep",
    "WorkflowWorldError",
    "Workflows",
    "World",
    "argument_array",
    "derive_run_key",
    "derive_run_public_key",
    "encrypt_envelope",
    "error_name",
    "get_queue_topic_prefix",
    "get_world",
    "health_check_names",
    "hydrate",
    "hydrate_error",
    "in_sandbox",
    "is_abort_stream",
    "is_encrypted",
    "is_nothing",
    "open_envelope",
    "open_sealed_envelope",
    "own_step_names",
    "plain_input",
    "queue_name",
    "read_payload",
    "resume_of",
    "run_of",
    "set_world",
    "start",
    "step_names",
    "workflow_entrypoint",
    "workflow_names",
]
