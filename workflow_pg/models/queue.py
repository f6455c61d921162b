"""Messages, the workers that handle them, and housekeeping."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from workflow_pg.models.enums import (
    Codec,
    MessageKind,
    RunStatus,
)


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
class PurgePage:
    """How many runs were purged; ``next_after`` is None when the walk is over."""

    next_after: str | None
    purged: int


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
class Wakening:
    """What a wake did: id of the message, and how many sleeps were ended early."""

    message_id: str
    waits_completed: int
