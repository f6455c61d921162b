"""The log of a run: its events, what a write to it takes and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow_pg.models.enums import (
    Codec,
    EventType,
    RunStatus,
)


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
class AppendedEvent:
    """An event that a write has read or, as the last of its answer, appended.

    ``run_status``, ``attempt`` and ``conflicting_run_id`` are those of the reply, in
    the last one only. Its ``seq`` and all of the event but its type are None when the
    call was legal and wrote nothing.
    """

    run_id: str
    seq: int | None
    event_id: str | None
    event_type: EventType
    correlation_id: str | None
    created_at: datetime | None
    spec_version: int | None
    facts: dict[str, Any] | None
    codec: Codec | None
    payload: bytes | None
    run_status: RunStatus | None
    attempt: int | None
    conflicting_run_id: str | None


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
