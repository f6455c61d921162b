# Written by `make sync` from workflow_pg/queue/workers.py: edit that one.
"""The methods of ``world.queue`` that workers call for themselves and for all runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from workflow_pg.calls import queue as calls
from workflow_pg.models import (
    Maintenance,
    PurgePage,
    Violation,
)
from workflow_pg.sync.database import Connection, Facade


class Workers(Facade):
    """Who is there, and the housekeeping that each of them does."""

    def heartbeat(
        self,
        worker_id: str,
        workflows: Sequence[str],
        steps: Sequence[str] = (),
        *,
        deployment_id: str = "default",
        namespace: str | None = None,
        connection: Connection | None = None,
    ) -> None:
        """Announce a worker, every 5 s; after 15 s of silence it counts as dead.

        Args:
            worker_id: Drawn at its start, 1 to 255 bytes.
            workflows: Names of the workflows it serves.
            steps: Names of the steps it serves.
            deployment_id: Whose messages it claims; ``*`` for all.
            namespace: Queue namespace it serves; None for none.
            connection: The caller's own, whose transaction the call joins.

        Raises:
            MalformedCall: An id is malformed (WF400). Nothing was written.

        SQL: workflow_pg.heartbeat_worker
        """
        self._database.run(
            calls.HEARTBEAT_WORKER(
                worker_id=worker_id,
                workflows=workflows,
                steps=steps,
                deployment_id=deployment_id,
                namespace=namespace,
            ),
            connection,
        )

    def set_idle(
        self, worker_id: str, *, is_idle: bool, connection: Connection | None = None
    ) -> None:
        """Ask to be notified on channel ``workflow_pg``, or no longer.

        Args:
            worker_id: As announced; an unknown one changes nothing.
            is_idle: Whether it is about to wait.
            connection: The caller's own, whose transaction the call joins.

        SQL: workflow_pg.set_worker_idle
        """
        self._database.run(
            calls.SET_WORKER_IDLE(worker_id=worker_id, is_idle=is_idle), connection
        )

    def remove_worker(
        self, worker_id: str, *, connection: Connection | None = None
    ) -> None:
        """Take a worker off the list, at its orderly end.

        Args:
            worker_id: As announced; an unknown one changes nothing.
            connection: The caller's own, whose transaction the call joins.

        SQL: workflow_pg.remove_worker
        """
        self._database.run(calls.REMOVE_WORKER(worker_id=worker_id), connection)

    def maintain(
        self,
        after: str = "",
        *,
        limit: int = 1000,
        grace: timedelta = timedelta(seconds=10),
        connection: Connection | None = None,
    ) -> Maintenance:
        """Mend one page of runs that nothing would wake, and forget old dedup keys.

        Args:
            after: ``next_after`` of the call before; empty to begin.
            limit: 1 to 1000 runs per page.
            grace: Leave runs alone that had an event within it; 0 to 1000 days.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            Where to go on, and what was done.

        Raises:
            MalformedCall: ``limit`` or ``grace`` is out of range (WF400). Nothing was
                written.

        SQL: workflow_pg.maintain
        """
        return self._database.run(
            calls.MAINTAIN(after=after, limit=limit, grace=grace), connection
        )

    def purge_due(
        self,
        after: str = "",
        *,
        limit: int = 1000,
        connection: Connection | None = None,
    ) -> PurgePage:
        """Purge one page of the ended runs whose attribute ``$retention`` is 0.

        Args:
            after: ``next_after`` of the call before; empty to begin.
            limit: 1 to 1000 runs to look at.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            Where to go on, and how many runs were purged.

        Raises:
            MalformedCall: ``limit`` is out of range (WF400). Nothing was written.

        SQL: workflow_pg.purge_due_runs
        """
        return self._database.run(
            calls.PURGE_DUE_RUNS(after=after, limit=limit), connection
        )

    def unwakeable_runs(
        self, *, connection: Connection | None = None
    ) -> list[Violation]:
        """Read the live runs that nothing would ever wake.

        Args:
            connection: The caller's own, whose transaction the call joins.

        Returns:
            None in a sound database; ``maintain`` mends what is here.

        SQL: workflow_pg.unwakeable_runs
        """
        return self._database.run(calls.UNWAKEABLE_RUNS(), connection)
