"""Runs, steps, hooks and waits as they stand, and what a run waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow_pg.models.enums import (
    Codec,
    HookStatus,
    RunStatus,
    StepStatus,
    WaitStatus,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run. A payload that is not there, or was not asked for, is None.

    ``expired_at`` is when its payloads were purged; None while they are there.
    ``seq`` is the position of the event that the call wrote; None in every read.
    ``cursor`` is where a list goes on after this run; None in other replies.
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
    expired_at: datetime | None
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
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step. A payload that is not there, or was not asked for, is None.

    ``error`` is the newest one, also after a success. ``seq`` is the position of the
    event that the call wrote; None in every read. ``cursor`` is where a list goes on
    after this step; None in other replies.
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
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A live hook. Metadata that is not there, or was not asked for, is None.

    ``token_retention_until`` is how long it keeps its token after the end of its run;
    None for not at all. ``cursor`` is where a list goes on after this hook; None in
    other replies.
    """

    run_id: str
    hook_id: str
    token: str
    status: HookStatus
    spec_version: int
    is_webhook: bool
    is_system: bool
    created_at: datetime
    token_retention_until: datetime | None
    metadata_codec: Codec | None
    metadata: bytes | None
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A sleep of a run, which is over at ``resume_at``.

    ``completed_at`` is None while it goes on, and when its run ended first. ``cursor``
    is where a list goes on after this wait.
    """

    run_id: str
    wait_id: str
    status: WaitStatus
    spec_version: int
    resume_at: datetime
    created_at: datetime
    completed_at: datetime | None
    cursor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that a run waits for. ``sentence`` is for people.

    ``cause`` is final, leased, unserved, queued, delayed, buried, wait, hook or step.
    """

    cause: str
    due_at: datetime | None
    sentence: str
