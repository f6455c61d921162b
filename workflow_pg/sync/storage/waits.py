# Written by `make sync` from workflow_pg/storage/waits.py: edit that one.
"""``world.waits``: the sleeps of a run."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from workflow_pg.calls import waits as calls
from workflow_pg.models import AppendReply, Wait
from workflow_pg.sync.database import Connection, Facade

# Inside the class, `list` is the method.
ReplyList = list[AppendReply]
WaitList = list[Wait]


class Waits(Facade):
    """Waits: whoever claims messages after ``resume_at`` wakes the run."""

    def create(
        self,
        run_id: str,
        wait_id: str,
        resume_at: datetime,
        *,
        spec_version: int = 7,
        dedup_key: str | None = None,
        lease_token: UUID | None = None,
        wake: bool = True,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Put a live run to sleep: ``wait_created``.

        Args:
            run_id: The run.
            wait_id: Correlation id, unique in its run, 1 to 255 bytes.
            resume_at: When the sleep is over, aware, in the years 1 to 9999.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the first reply.
            lease_token: Of the delivery the caller is handling: while it is held the
                run is not woken.
            wake: False when the caller needs no replay for this event.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run (WF404). Nothing was written.
            Conflict: The wait was created before or the run is final (WF409). Nothing
                was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.create_wait
        """
        return self._database.run(
            calls.CREATE_WAIT(
                run_id=run_id,
                wait_id=wait_id,
                resume_at=resume_at,
                spec_version=spec_version,
                dedup_key=dedup_key,
                lease_token=lease_token,
                wake=wake,
            ),
            connection,
        )

    def complete(
        self,
        run_id: str,
        wait_id: str,
        *,
        spec_version: int = 7,
        dedup_key: str | None = None,
        lease_token: UUID | None = None,
        wake: bool = True,
        connection: Connection | None = None,
    ) -> AppendReply:
        """End a sleep, on time or early, and wake the run: ``wait_completed``.

        Args:
            run_id: The run.
            wait_id: The wait.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the first reply.
            lease_token: Of the delivery the caller is handling: while it is held the
                run is not woken.
            wake: False when the caller wakes the run itself.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run or wait (WF404). Nothing was written.
            Conflict: It was completed before or the run is final (WF409). Nothing was
                written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.complete_wait
        """
        return self._database.run(
            calls.COMPLETE_WAIT(
                run_id=run_id,
                wait_id=wait_id,
                spec_version=spec_version,
                dedup_key=dedup_key,
                lease_token=lease_token,
                wake=wake,
            ),
            connection,
        )

    def complete_elapsed(
        self,
        run_id: str,
        *,
        spec_version: int = 7,
        lease_token: UUID | None = None,
        wake: bool = True,
        connection: Connection | None = None,
    ) -> ReplyList:
        """End all sleeps of a run whose time has come: ``wait_completed`` for each.

        Args:
            run_id: The run.
            spec_version: Protocol version of the writer, 2 to 7.
            lease_token: Of the delivery the caller is handling: while it is held the
                run is not woken.
            wake: False when the caller wakes the run itself.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The events, the sleep that was due first first; none when no sleep is over
            or the run is.

        Raises:
            NotFound: There is no such run (WF404). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.complete_elapsed_waits
        """
        return self._database.run(
            calls.COMPLETE_ELAPSED_WAITS(
                run_id=run_id,
                spec_version=spec_version,
                lease_token=lease_token,
                wake=wake,
            ),
            connection,
        )

    def list(
        self,
        run_id: str,
        *,
        limit: int = 100,
        descending: bool = False,
        cursor: str | None = None,
        connection: Connection | None = None,
    ) -> WaitList:
        """Read one page of the sleeps of a run, ordered by id, over or not.

        Args:
            run_id: The run; no wait when there is no such run.
            limit: 1 to 1000 waits.
            descending: The greatest id first.
            cursor: ``cursor`` of the last wait of the page before; None for the first
                page.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The waits, each with its ``cursor``.

        Raises:
            MalformedCall: ``limit`` is out of range, or ``cursor`` of another list
                (WF400). Nothing was written.

        SQL: workflow_pg.list_waits
        """
        return self._database.run(
            calls.LIST_WAITS(
                run_id=run_id, limit=limit, descending=descending, cursor=cursor
            ),
            connection,
        )
