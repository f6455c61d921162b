"""Durable, event-sourced workflows with nothing but PostgreSQL.

The names below are loaded when they are first used: importing the package imports
no driver and no extra.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_pg.errors import (
        Conflict,
        ConnectionUnusable,
        HistoryCut,
        LimitExceeded,
        MalformedCall,
        NotFound,
        Refusal,
        RunFinal,
        SchemaUnusable,
        SpecVersionUnsupported,
        TooEarly,
        TooLarge,
        Unreachable,
        WorkflowPgError,
        WorldClosed,
        is_transient,
    )
    from workflow_pg.models import (
        AppendedEvent,
        AppendOutcome,
        AppendReply,
        BuriedMessage,
        CancelOutcome,
        Codec,
        Deletion,
        Delivery,
        Discrepancy,
        Event,
        EventType,
        Finding,
        Hook,
        HookStatus,
        KeyPolicy,
        KeyScope,
        Maintenance,
        MessageKind,
        NewEvent,
        NewRun,
        NewStep,
        Purge,
        PurgePage,
        QueueStat,
        Reason,
        Requeued,
        Run,
        RunStatus,
        Severity,
        Step,
        StepStatus,
        Stream,
        StreamChunk,
        StreamPage,
        StreamWrite,
        Violation,
        Wait,
        WaitStatus,
        Wakening,
        WorkerState,
    )
    from workflow_pg.sync.world import SyncWorld
    from workflow_pg.world import World

__all__ = [
    "AppendOutcome",
    "AppendReply",
    "AppendedEvent",
    "BuriedMessage",
    "CancelOutcome",
    "Codec",
    "Conflict",
    "ConnectionUnusable",
    "Deletion",
    "Delivery",
    "Discrepancy",
    "Event",
    "EventType",
    "Finding",
    "HistoryCut",
    "Hook",
    "HookStatus",
    "KeyPolicy",
    "KeyScope",
    "LimitExceeded",
    "Maintenance",
    "MalformedCall",
    "MessageKind",
    "NewEvent",
    "NewRun",
    "NewStep",
    "NotFound",
    "Purge",
    "PurgePage",
    "QueueStat",
    "Reason",
    "Refusal",
    "Requeued",
    "Run",
    "RunFinal",
    "RunStatus",
    "SchemaUnusable",
    "Severity",
    "SpecVersionUnsupported",
    "Step",
    "StepStatus",
    "Stream",
    "StreamChunk",
    "StreamPage",
    "StreamWrite",
    "SyncWorld",
    "TooEarly",
    "TooLarge",
    "Unreachable",
    "Violation",
    "Wait",
    "WaitStatus",
    "Wakening",
    "WorkerState",
    "WorkflowPgError",
    "World",
    "WorldClosed",
    "is_transient",
]

_MODULES = (
    "workflow_pg.errors",
    "workflow_pg.models",
    "workflow_pg.world",
    "workflow_pg.sync.world",
)


def __getattr__(name: str) -> object:
    if name in __all__:
        for module in map(import_module, _MODULES):
            if name in module.__all__:
                value = globals()[name] = getattr(module, name)
                return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
