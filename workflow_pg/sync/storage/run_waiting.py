"""The methods of ``world.runs`` that wait for the end of a run, in the caller's thread.

By hand: a time that is over is no cancellation here.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta

from workflow_pg.calls import runs as calls
from workflow_pg.models import Run
from workflow_pg.sync.database import Connection, Runner
from workflow_pg.sync.storage.run_reads import RunReads
from workflow_pg.sync.watcher import Watcher


class RunWaiting(RunReads):
    """The end of runs, waited for."""

    def __init__(self, database: Runner, watcher: Watcher) -> None:
        super().__init__(database)
        self._watcher = watcher

    def wait_for_final_status(
        self,
        run_id: str,
        *,
        timeout: float | None = None,
        with_input: bool = True,
        with_outcome: bool = True,
    ) -> Run:
        """Read a run as soon as it is final, or as it is when the time is over.

        While it waits it listens on a connection of its own. The end of the run is
        notified; when that is lost it is found within a second. Not for a run that your
        own open transaction starts: it is executed after the commit.

        Args:
            run_id: The run.
            timeout: Seconds to wait at most; 0 only reads, None waits for the end.
            with_input: Whether to read the input.
            with_outcome: Whether to read the output or the error.

        Returns:
            The run. ``completed_at`` is None when it was not final in time.

        Raises:
            NotFound: There is no such run, or it was deleted meanwhile (WF404).
            WorldClosed: The World was closed meanwhile.
            psycopg.Error: The database failed; call again.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._watcher.awaiting_end(run_id) as wait:
            while True:
                run = self.get(run_id, with_input=with_input, with_outcome=with_outcome)
                is_over = deadline is not None and time.monotonic() >= deadline
                if run.completed_at is not None or is_over:
                    return run
                wait(deadline)

    def announce_waiters(
        self,
        waiter_ids: Sequence[str],
        run_ids: Sequence[str],
        *,
        hints_for: timedelta | None = timedelta(seconds=30),
        connection: Connection | None = None,
    ) -> set[str]:
        """Announce waiters for the end of runs, and learn which need not wait.

        For waiters of your own making; ``wait_for_final_status`` does it by itself. A
        notification on channel ``workflow_pg_runs`` with the waiter's id is a hint: ask
        each second.

        Args:
            waiter_ids: Drawn by the caller, 0 to 1000 texts of 1 to 64 bytes.
            run_ids: For each, the run.
            hints_for: How long to notify, up to an hour; None: only ask.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            Ids of those whose run is final or not there.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.

        SQL: workflow_pg.announce_waiters
        """
        return self._database.run(
            calls.ANNOUNCE_WAITERS(
                waiter_ids=waiter_ids, run_ids=run_ids, hints_for=hints_for
            ),
            connection,
        )

    def withdraw_waiters(
        self,
        waiter_ids: Sequence[str],
        run_ids: Sequence[str],
        *,
        connection: Connection | None = None,
    ) -> None:
        """Forget waiters that were announced, so that nothing is sent to them.

        Args:
            waiter_ids: As announced; those that are not there are no error.
            run_ids: For each, its run.
            connection: The caller's own, whose transaction the call joins.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.

        SQL: workflow_pg.withdraw_waiters
        """
        self._database.run(
            calls.WITHDRAW_WAITERS(waiter_ids=waiter_ids, run_ids=run_ids), connection
        )
