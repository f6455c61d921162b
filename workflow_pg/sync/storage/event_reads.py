# Written by `make sync` from workflow_pg/storage/event_reads.py: edit that one.
"""The methods of ``world.events`` that read."""

from __future__ import annotations

from workflow_pg.calls import events as calls
from workflow_pg.models import Event
from workflow_pg.sync.database import Connection, Facade

# Inside the class, `list` is the method.
EventList = list[Event]


class EventReads(Facade):
    """The log of a run, page by page."""

    def list(
        self,
        run_id: str,
        *,
        after: int | None = None,
        limit: int = 1000,
        descending: bool = False,
        with_payloads: bool = True,
        correlation_id: str | None = None,
        cursor: str | None = None,
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
            correlation_id: Only events of this step, hook, wait or call.
            cursor: ``event_id`` of the last event read, in place of ``after``.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The events.

        Raises:
            MalformedCall: ``limit`` is out of range, or ``cursor`` no id of an event
                (WF400). Nothing was written.

        SQL: workflow_pg.list_events
        """
        return self._database.run(
            calls.LIST_EVENTS(
                run_id=run_id,
                after=after,
                limit=limit,
                descending=descending,
                with_payloads=with_payloads,
                correlation_id=correlation_id,
                cursor=cursor,
            ),
            connection,
        )
