"""The methods of ``world.runs`` that read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from workflow_pg.calls import runs as calls
from workflow_pg.database import Connection, Facade
from workflow_pg.models import (
    Reason,
    Run,
    RunStatus,
)

# Inside the class, `list` is the method.
RunList = list[Run]
ReasonList = list[Reason]


class RunReads(Facade):
    """Runs as they stand, and what they wait for."""

    async def get(
        self,
        run_id: str,
        *,
        with_input: bool = True,
        with_outcome: bool = True,
        connection: Connection | None = None,
    ) -> Run:
        """Read one run.

        Args:
            run_id: The run.
            with_input: Whether to read the input.
            with_outcome: Whether to read the output or the error.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The run.

        Raises:
            NotFound: There is no such run (WF404). Nothing was written.

        SQL: workflow_pg.get_run
        """
        return await self._database.run(
            calls.GET_RUN(
                run_id=run_id, with_input=with_input, with_outcome=with_outcome
            ),
            connection,
        )

    async def list(
        self,
        *,
        status: RunStatus | None = None,
        workflow_name: str | None = None,
        deployment_id: str | None = None,
        only_live: bool = False,
        attributes: Mapping[str, str] | None = None,
        limit: int = 100,
        before: datetime | None = None,
        before_run_id: str | None = None,
        statuses: Sequence[RunStatus] | None = None,
        since: datetime | None = None,
        ascending: bool = False,
        with_payloads: bool = False,
        cursor: str | None = None,
        connection: Connection | None = None,
    ) -> RunList:
        """Read one page of the runs, newest first.

        Args:
            status: Only runs in this status; None for all.
            workflow_name: Only runs of this workflow; None for all.
            deployment_id: Only runs of this deployment; None for all.
            only_live: True: only runs that are not over.
            attributes: Only runs that have all of these; None for all.
            limit: 1 to 1000 runs.
            before: Only runs created before; None for all.
            before_run_id: With ``before``: also runs of that moment with a smaller id.
            statuses: In place of ``status``: only runs in one of these.
            since: Only runs created then or later; None for all.
            ascending: Oldest first.
            with_payloads: Whether to read inputs, outputs and errors.
            cursor: ``cursor`` of the last run of the page before; None for the first
                page.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The runs, each with its ``cursor``.

        Raises:
            MalformedCall: ``limit`` is out of range, an attribute is no text, or
                ``cursor`` is of another list (WF400). Nothing was written.

        SQL: workflow_pg.list_runs
        """
        return await self._database.run(
            calls.LIST_RUNS(
                status=status,
                workflow_name=workflow_name,
                deployment_id=deployment_id,
                only_live=only_live,
                attributes=attributes,
                limit=limit,
                before=before,
                before_run_id=before_run_id,
                statuses=statuses,
                since=since,
                ascending=ascending,
                with_payloads=with_payloads,
                cursor=cursor,
            ),
            connection,
        )

    async def why(
        self, run_id: str, *, connection: Connection | None = None
    ) -> ReasonList:
        """Say what a run is waiting for, most pressing first.

        Args:
            run_id: The run.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            One reason per thing; none: see ``queue.unwakeable_runs``.

        Raises:
            NotFound: There is no such run (WF404). Nothing was written.

        SQL: workflow_pg.why
        """
        return await self._database.run(calls.WHY(run_id=run_id), connection)
