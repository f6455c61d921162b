# Written by `make sync` from workflow_pg/storage/events.py: edit that one.
"""``world.events``: the log, and the door for callers who have events as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from workflow_pg.calls import events as calls
from workflow_pg.models import (
    AppendOutcome,
    AppendReply,
    Codec,
    Event,
    EventType,
    NewEvent,
)
from workflow_pg.sync.database import Connection, Facade

# Inside the class, `list` is the method.
EventList = list[Event]
OutcomeList = list[AppendOutcome]

HOLD = timedelta(seconds=15)


class Events(Facade):
    """Events: the log is the truth, everything else can be computed from it."""

    def append(
        self,
        run_id: str | None,
        event_type: EventType | str,
        *,
        correlation_id: str | None = None,
        facts: Mapping[str, object] | None = None,
        payload: bytes | None = None,
        codec: Codec = Codec.OPAQUE,
        spec_version: int = 7,
        dedup_key: str | None = None,
        lease_token: UUID | None = None,
        wake: bool = True,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Append one event and move what it moves, as the verb of its type does.

        Args:
            run_id: The run; None only for ``run_created``, which then draws one.
            event_type: Any type but ``hook_conflict``, which the database writes.
            correlation_id: Id of the step, hook or wait, 1 to 255 bytes; None for
                events of the run.
            facts: ``eventData`` of the protocol without its payload, with the
                protocol's names; times as ISO 8601 with a zone.
            payload: Input, output, error, result, metadata or payload, at most 16 MiB.
            codec: How to read ``payload``.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the first reply.
            lease_token: Of the delivery the caller is handling: while it is held the
                run is not woken.
            wake: False when the caller wakes the run itself.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event as stored; ``seq`` is None when the call was legal and wrote
            nothing.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            Refusal: What the verb raises: WF404, WF409, WF410, WF413, WF422, WF425,
                WF426. Nothing was written.

        SQL: workflow_pg.append_event
        """
        return self._database.run(
            calls.APPEND_EVENT(
                run_id=run_id,
                event_type=event_type,
                correlation_id=correlation_id,
                facts=facts,
                payload=payload,
                codec=codec,
                spec_version=spec_version,
                dedup_key=dedup_key,
                lease_token=lease_token,
                wake=wake,
            ),
            connection,
        )

    def create_batch(
        self,
        run_id: str,
        events: Sequence[NewEvent],
        *,
        spec_version: int = 7,
        dedup_key: str | None = None,
        lease_token: UUID | None = None,
        wake: bool = True,
        all_or_nothing: bool = False,
        hold: timedelta = HOLD,
        connection: Connection | None = None,
    ) -> OutcomeList:
        """Append several events of one run; what the state rejects is reported.

        The others commit together, at consecutive positions, in order. Each is decided
        as its single append would be after the ones before it.

        Args:
            run_id: The run.
            events: Events of steps and waits, and one that completes or fails the run;
                one for each entity, or ``step_created`` and later ``step_started`` of
                the same step, which the caller then executes.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: Of all events: a repeat writes nothing and returns the first
                outcomes. A call that has written nothing keeps no key.
            lease_token: Of the delivery the caller is handling: while it is held the
                run is not woken.
            wake: False when the caller wakes the run itself.
            all_or_nothing: Whether the first event that is rejected is raised.
            hold: How long a step that is born running is the caller's alone: then it
                is dispatched, unless it is over; 1 second to 1 hour.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The outcome of each event, in order.

        Raises:
            MalformedCall: It is no batch: an event is not allowed in one, or an entity
                has too many (WF400). Nothing was written.
            Conflict: The key stands for another call (WF409). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.
            Refusal: With ``all_or_nothing`` what an event has: WF400, WF404, WF409,
                WF410, WF413, WF425. Nothing was written.

        SQL: workflow_pg.append_events
        """
        return self._database.run(
            calls.APPEND_EVENTS(
                run_id=run_id,
                **calls.as_arrays(events),
                spec_version=spec_version,
                dedup_key=dedup_key,
                lease_token=lease_token,
                wake=wake,
                all_or_nothing=all_or_nothing,
                hold=hold,
            ),
            connection,
        )

    def list(
        self,
        run_id: str,
        *,
        after: int | None = None,
        limit: int = 1000,
        descending: bool = False,
        with_payloads: bool = True,
        connection: Connection | None = None,
    ) -> EventList:
        """Read one page of the log of a run, in its order.

        The log only grows at its end: a page that starts after the last ``seq`` read
        misses nothing.

        Args:
            run_id: The run; no event when there is no such run.
            after: ``seq`` to start after; None for the beginning.
            limit: 1 to 1000 events.
            descending: Newest first; ``after`` is then a ``seq`` to stay below.
            with_payloads: Whether to read payloads.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The events.

        Raises:
            MalformedCall: ``limit`` is out of range (WF400). Nothing was written.

        SQL: workflow_pg.list_events
        """
        return self._database.run(
            calls.LIST_EVENTS(
                run_id=run_id,
                after=after,
                limit=limit,
                descending=descending,
                with_payloads=with_payloads,
            ),
            connection,
        )
