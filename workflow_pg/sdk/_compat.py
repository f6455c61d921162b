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

from typing import TypeVar

from vercel.workflow import Run, start
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

T = TypeVar("T")


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


def resume_id(event: HookReceivedEvent) -> str | None:
    """Id of the resume whose payload travelled on a message, if it did."""
    carried = event._queue_input
    return None if carried is None else carried.resume_id


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


def run_of(workflow: Workflow[..., T], run_id: str) -> Run[T]:
    """The handle that `start` would have returned for a run of a workflow."""
    return Run(run_id, output_validator=workflow.codec.validate_return)


__all__ = [
    "ENCRYPTED",
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
    "get_queue_topic_prefix",
    "get_world",
    "health_check_names",
    "hydrate",
    "hydrate_error",
    "in_sandbox",
    "is_abort_stream",
    "is_encrypted",
    "open_envelope",
    "open_sealed_envelope",
    "own_step_names",
    "plain_input",
    "queue_name",
    "resume_id",
    "run_of",
    "set_world",
    "start",
    "step_names",
    "workflow_entrypoint",
    "workflow_names",
]
