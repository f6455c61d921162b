"""What the database returns, as Python sees it: fields are named as columns are.

Payloads are bytes with a codec that says how to read them; the database never looks
inside. Times are aware and in UTC.
"""

from __future__ import annotations

from workflow_pg.models.entities import Hook, Reason, Run, Step, Wait
from workflow_pg.models.enums import (
    Codec,
    EventType,
    HookStatus,
    KeyPolicy,
    KeyScope,
    MessageKind,
    RunStatus,
    Severity,
    StepStatus,
    WaitStatus,
)
from workflow_pg.models.log import (
    AppendedEvent,
    AppendOutcome,
    AppendReply,
    CancelOutcome,
    Event,
    NewEvent,
    NewRun,
    NewStep,
)
from workflow_pg.models.operations import (
    Deletion,
    Discrepancy,
    Finding,
    ImportReply,
    Purge,
    SchemaStamp,
)
from workflow_pg.models.queue import (
    BuriedMessage,
    Delivery,
    Maintenance,
    PurgePage,
    QueueStat,
    Requeued,
    Violation,
    Wakening,
    WorkerState,
)
from workflow_pg.models.streams import Stream, StreamChunk, StreamPage, StreamWrite

__all__ = [
    "AppendOutcome",
    "AppendReply",
    "AppendedEvent",
    "BuriedMessage",
    "CancelOutcome",
    "Codec",
    "Deletion",
    "Delivery",
    "Discrepancy",
    "Event",
    "EventType",
    "Finding",
    "Hook",
    "HookStatus",
    "ImportReply",
    "KeyPolicy",
    "KeyScope",
    "Maintenance",
    "MessageKind",
    "NewEvent",
    "NewRun",
    "NewStep",
    "Purge",
    "PurgePage",
    "QueueStat",
    "Reason",
    "Requeued",
    "Run",
    "RunStatus",
    "SchemaStamp",
    "Severity",
    "Step",
    "StepStatus",
    "Stream",
    "StreamChunk",
    "StreamPage",
    "StreamWrite",
    "Violation",
    "Wait",
    "WaitStatus",
    "Wakening",
    "WorkerState",
]
