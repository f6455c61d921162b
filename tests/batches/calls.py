"""How a test makes a batch: entries in, outcomes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from tests.support import LATER, STEP, Row, Session

LEGAL = [
    *("step_created", "step_started", "step_retrying", "step_completed", "step_failed"),
    *("wait_created", "wait_completed", "run_completed", "run_failed"),
]
FACTS: dict[str, dict[str, Any]] = {
    "step_created": {"stepName": STEP},
    "wait_created": {"resumeAt": LATER},
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a batch; facts that are not said are those it needs."""

    event: str
    id: str | None = None
    facts: dict[str, Any] | None = None
    payload: bytes | None = None
    codec: str = "opaque"

    @property
    def told(self) -> dict[str, Any] | None:
        """The facts."""
        return FACTS.get(self.event) if self.facts is None else self.facts


def batch(
    db: Session, run_id: str | None, entries: Sequence[Entry], **options: object
) -> list[Row]:
    """The outcomes of append_events."""
    return db.call(
        "append_events",
        run_id=run_id,
        event_types=[entry.event for entry in entries],
        correlation_ids=_array([entry.id for entry in entries]),
        facts=_array([_jsonb(entry.told) for entry in entries]),
        payloads=_array([entry.payload for entry in entries]),
        codecs="{" + ",".join(entry.codec for entry in entries) + "}",
        **options,
    )


def _jsonb(facts: dict[str, Any] | None) -> Jsonb | None:
    return None if facts is None else Jsonb(facts)


def _array(values: Sequence[object]) -> Sequence[object] | None:
    return None if all(value is None for value in values) else values


def statuses(outcomes: Sequence[Row]) -> list[int]:
    """The status of each outcome; fails when they are not in order."""
    assert [o["place"] for o in outcomes] == list(range(1, len(outcomes) + 1))
    return [o["status"] for o in outcomes]


def seqs(outcomes: Sequence[Row]) -> list[int | None]:
    """The position of each outcome."""
    return [o["seq"] for o in outcomes]
