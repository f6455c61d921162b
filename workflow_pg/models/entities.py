"""Runs, steps and hooks as they stand, and what a run waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow_pg.models.enums import (
    Codec,
    HookStatus,
    RunStatus,
    StepStatus,
)


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
class Reason:
    """One thing that a run waits for. ``sentence`` is for people.

    ``cause`` is final, leased, unserved, queued, delayed, buried, wait, hook or step.
    """

    cause: str
    due_at: datetime | None
    sentence: str
