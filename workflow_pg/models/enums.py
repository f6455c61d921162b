"""The values of the database's enums, and of arguments with a few values."""

from __future__ import annotations

from enum import StrEnum


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


class WaitStatus(StrEnum):
    """Where a wait (a sleep) stands. Type wait_status."""

    WAITING = "waiting"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


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
