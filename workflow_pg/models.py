"""What the database returns, as Python sees it: fields are named as columns are.

Payloads are bytes with a codec that says how to read them; the database never looks
inside. Times are aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

__all__ = [
    "AppendOutcome",
    "AppendReply",
    "BuriedMessage",
    "CancelOutcome",
    "Codec",
    "Deletion",
    "Delivery",
    "Event",
    "EventType",
    "Finding",
    "Hook",
    "HookStatus",
    "KeyPolicy",
    "KeyScope",
    "Maintenance",
    "MessageKind",
    "NewEvent",
    "NewRun",
    "NewStep",
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
    "Wakening",
    "WorkerState",
]


class RunStatus(StrEnum):
    """Where a run stands; from ``COMPLETED`` on it is final. Type run_status."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StepStatus(StrEnum):
    """Where a step stands; from ``COMPLETED`` on it is final. Type step_status."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class HookStatus(StrEnum):
    """Where a hook stands. Type hook_status."""

    LIVE = "live"
    DISPOSED = "disposed"
    CONFLICT = "conflict"


class EventType(StrEnum):
    """What happened. Type event_type."""

    RUN_CREATED = "run_created"
    RUN_STARTED = "run_started"
    RUN_COMPLETED = "run_completed"
    RUN_FAILED = "run_failed"
    RUN_CANCELLED = "run_cancelled"
    ATTR_SET = "attr_set"
    STEP_CREATED = "step_created"
    STEP_STARTED = "step_started"
    STEP_RETRYING = "step_retrying"
    STEP_COMPLETED = "step_completed"
    STEP_FAILED = "step_failed"
    HOOK_CREATED = "hook_created"
    HOOK_RECEIVED = "hook_received"
    HOOK_DISPOSED = "hook_disposed"
    HOOK_CONFLICT = "hook_conflict"
    WAIT_CREATED = "wait_created"
    WAIT_COMPLETED = "wait_completed"


class Codec(StrEnum):
    """How to read the bytes of a payload. Type payload_codec."""

    OPAQUE = "opaque"
    CBOR = "cbor"
    JSON = "json"


class MessageKind(StrEnum):
    """What a message asks a worker to do. Type message_kind."""

    WAKE = "wake"
    START = "start"
    STEP = "step"
    HOOK = "hook"
    CUSTOM = "custom"


class Severity(StrEnum):
    """How bad a finding is. Type severity."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


class KeyPolicy(StrEnum):
    """What a start gets whose start key stands for a run already. Type key_policy."""

    RETURN = "return"
    REFUSE = "refuse"


class KeyScope(StrEnum):
    """How long a start key stands for its run. Type key_scope."""

    LIVE = "live"
    KEPT = "kept"
    TIMED = "timed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendReply:
    """What an append did. ``seq`` and ``created_at`` are None when it wrote nothing.

    ``event_type`` is ``hook_conflict`` in place of ``hook_created`` when another hook
    holds the token; ``conflicting_run_id`` is then the run of that hook.
    """

    run_id: str
    seq: int | None
    event_type: EventType
    correlation_id: str | None
    created_at: datetime | None
    run_status: RunStatus
    attempt: int | None
    conflicting_run_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendOutcome:
    """What became of one entry of a batch, the ``place``-th from 1.

    ``status`` is 200 when it was appended. Else it was rejected: ``sqlstate``,
    ``message``, ``detail`` and ``hint`` are those of the refusal that a single append
    would have raised, ``seq``, ``created_at`` and ``attempt`` are None.
    """

    place: int
    status: int
    sqlstate: str | None
    message: str | None
    detail: dict[str, Any] | None
    hint: str | None
    run_id: str
    seq: int | None
    event_type: EventType
    correlation_id: str | None
    created_at: datetime | None
    run_status: RunStatus | None
    attempt: int | None
    conflicting_run_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOutcome:
    """What became of one run of a call that cancels many, the ``place``-th from 1.

    ``outcome`` is cancelled, already_cancelled, not_cancellable or not_found; ``seq``
    is None when nothing was written.
    """

    place: int
    run_id: str
    outcome: str
    run_status: RunStatus | None
    seq: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An entry of a batch: what ``events.append`` takes for one event.

    ``occurred_at`` is when it happened for the caller, aware; it becomes the time of
    the event as far as it is not before the event before it or ahead of the clock.
    """

    event_type: EventType | str
    correlation_id: str | None = None
    facts: Mapping[str, object] | None = None
    payload: bytes | None = None
    codec: Codec = Codec.OPAQUE
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStep:
    """A step to be created: what ``steps.create`` takes for one."""

    step_id: str
    step_name: str
    input: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run to be created: what ``runs.create`` takes for one.

    Draw ``run_id`` to be able to repeat the call: ``wrun_`` and a ULID of the last 24
    hours.
    """

    run_id: str
    workflow_name: str
    input: bytes
    attributes: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run. A payload that is not there, or was not asked for, is None.

    ``seq`` is the position of the event that the call wrote; None in every read.
    """

    run_id: str
    status: RunStatus
    workflow_name: str
    deployment_id: str
    queue_name: str
    spec_version: int
    last_seq: int
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    execution_context: dict[str, Any] | None
    encryption_public_key: str | None
    error_code: str | None
    cancel_reason: str | None
    attributes: dict[str, str]
    input_codec: Codec
    input: bytes | None
    output_codec: Codec | None
    output: bytes | None
    error_codec: Codec | None
    error: bytes | None
    seq: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step. A payload that is not there, or was not asked for, is None.

    ``error`` is the newest one, also after a success. ``seq`` is the position of the
    event that the call wrote; None in every read.
    """

    run_id: str
    step_id: str
    step_name: str
    status: StepStatus
    attempt: int
    spec_version: int
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    retry_after: datetime | None
    input_codec: Codec | None
    input: bytes | None
    output_codec: Codec | None
    output: bytes | None
    error_codec: Codec | None
    error: bytes | None
    seq: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A live hook. Lists leave its metadata out."""

    run_id: str
    hook_id: str
    token: str
    status: HookStatus
    spec_version: int
    is_webhook: bool
    is_system: bool
    created_at: datetime
    metadata_codec: Codec | None
    metadata: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event of the log. ``event_id`` is ``evnt_`` and ``seq`` as 26 digits."""

    run_id: str
    seq: int
    event_id: str
    event_type: EventType
    correlation_id: str | None
    created_at: datetime
    spec_version: int
    facts: dict[str, Any] | None
    codec: Codec
    payload: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A stream, without its chunks.

    ``tail_index`` is the index of the last chunk, -1 when there is none. ``created_at``
    is None when nobody has written to it or closed it yet.
    """

    run_id: str
    name: str
    tail_index: int
    created_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamWrite:
    """What a write to a stream did.

    ``first_index`` is None when it wrote nothing; ``is_closed`` says that it was
    ignored because the stream is closed.
    """

    run_id: str
    name: str
    first_index: int | None
    chunk_count: int
    is_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPage:
    """Consecutive chunks of a stream, and how it stood at that moment.

    The next page starts at ``next_index``. A stream that ``is_closed`` has no chunk
    after ``tail_index``, ever.
    """

    first_index: int
    chunks: list[bytes]
    tail_index: int
    is_closed: bool

    @property
    def next_index(self) -> int:
        """Index after the last chunk of the page."""
        return self.first_index + len(self.chunks)

    @property
    def is_last(self) -> bool:
        """Whether the stream had no chunk after this page."""
        return self.next_index > self.tail_index


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamChunk:
    """One chunk of a stream under its index, counted from 0."""

    index: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message as delivered to one worker, under a lease.

    ``step_id`` and ``step_name`` are set for kind ``step``. ``is_exhausted``: it was
    delivered more often than the claim allows; bury it instead of handling it.
    """

    run_id: str
    message_id: str
    kind: MessageKind
    queue_name: str
    deployment_id: str
    step_id: str | None
    step_name: str | None
    idempotency_key: str | None
    codec: Codec
    body: bytes | None
    attempt: int
    is_exhausted: bool
    lease_token: UUID
    lease_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that a run waits for. ``sentence`` is for people.

    ``cause`` is final, leased, unserved, queued, delayed, buried, wait, hook or step.
    """

    cause: str
    due_at: datetime | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """What a page of housekeeping did. ``next_after`` is None when the walk is over."""

    next_after: str | None
    woken: int
    redispatched: int
    forgotten: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A live run that nothing would wake. ``violation`` is run, step or wait."""

    run_id: str
    violation: str
    entity_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaStamp:
    """What is installed. ``state`` is ready or migrating.

    ``database_id`` is the same for all connections to one database of one server.
    """

    migration: int
    state: str
    sql_checksum: str
    tool_version: str
    database_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wakening:
    """What a wake did: id of the message, and how many sleeps were ended early."""

    message_id: str
    waits_completed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """How many rows of each kind went with a run."""

    events: int
    steps: int
    hooks: int
    waits: int
    messages: int
    streams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStat:
    """What is in the queue for one name of one deployment.

    ``pending`` is ``due`` and ``delayed`` together. ``unserved`` counts the messages
    that no live worker would claim.
    """

    deployment_id: str
    serves: str
    pending: int
    due: int
    delayed: int
    leased: int
    expired: int
    buried: int
    unserved: int
    workers: int
    oldest_due_at: datetime | None
    oldest_due_age: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuriedMessage:
    """A message that was given up. ``run_status`` is None when there is no such run."""

    run_id: str
    message_id: str
    kind: MessageKind
    deployment_id: str
    serves: str
    step_id: str | None
    attempt: int
    created_at: datetime
    buried_at: datetime
    worker_id: str | None
    last_error: str | None
    run_status: RunStatus | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requeued:
    """A message that will be delivered again."""

    run_id: str
    message_id: str
    kind: MessageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerState:
    """A worker that lives, or died without a goodbye in the last hour."""

    worker_id: str
    deployment_id: str
    namespace: str | None
    is_alive: bool
    is_idle: bool
    in_flight: int
    started_at: datetime
    seen_at: datetime
    seen_age: timedelta
    workflows: list[str]
    steps: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What an examination has found out about one thing.

    ``next_step`` is None when there is nothing to do.
    """

    subject: str
    severity: Severity
    sentence: str
    next_step: str | None
    detail: dict[str, Any]
