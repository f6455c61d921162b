# Written by `make sync` from workflow_pg/storage/events.py: edit that one.
"""``world.events``: the log, and the door for callers who have events as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from workflow_pg.calls import events as calls
from workflow_pg.models import (
    AppendedEvent,
    AppendOutcome,
    AppendReply,
    Codec,
    EventType,
    NewEvent,
)
from workflow_pg.sync.database import Connection
from workflow_pg.sync.storage.event_reads import EventReads

# Inside the class, `list` is the method.
AppendedList = list[AppendedEvent]
OutcomeList = list[AppendOutcome]

HOLD = timedelta(seconds=15)


class Events(EventReads):
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

    def append_and_read(
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
        after: int = 0,
        limit: int = 1000,
        with_payloads: bool = True,
        connection: Connection | None = None,
    ) -> AppendedList:
        """Append one event, and read what was written since the caller has read.

        Args:
            run_id: As for ``append``, as all that is not explained here.
            event_type: Any type but ``hook_conflict``.
            correlation_id: Id of the step, hook or wait.
            facts: ``eventData`` of the protocol without its payload.
            payload: At most 16 MiB.
            codec: How to read ``payload``.
            spec_version: 2 to 7.
            dedup_key: A repeat with the same key returns the first answer.
            lease_token: Of the delivery the caller is handling.
            wake: False when the caller wakes the run itself.
            after: ``seq`` of the newest event that the caller has, which is how many it
                has; 0 for none.
            limit: 1 to 1000 events before the new one at most, the oldest.
            with_payloads: Whether to read payloads.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The events after ``after`` in their order. The last one is what the call has
            appended; its ``seq`` is None when the call was legal and wrote nothing, and
            then all of the log after ``after`` comes before it. When ``seq`` jumps
            before it, or ``limit`` events come before one without ``seq``, there are
            more: ``list`` reads them.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            Refusal: What the verb raises: WF404, WF409, WF410, WF413, WF422, WF425,
                WF426. Nothing was written.

        SQL: workflow_pg.append_and_read
        """
        return self._database.run(
            calls.APPEND_AND_READ(
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
                after=after,
                limit=limit,
                with_payloads=with_payloads,
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
