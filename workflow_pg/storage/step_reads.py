"""The methods of ``world.steps`` that read."""

from __future__ import annotations

from workflow_pg.calls import steps as calls
from workflow_pg.database import Connection, Facade
from workflow_pg.models import (
    Step,
)

# Inside the class, `list` is the method.
StepList = list[Step]


class StepReads(Facade):
    """Steps as they stand."""

    async def get(
        self,
        run_id: str,
        step_id: str,
        *,
        with_input: bool = True,
        with_outcome: bool = True,
        connection: Connection | None = None,
    ) -> Step:
        """Read one step.

        Args:
            run_id: The run.
            step_id: The step.
            with_input: Whether to read the input.
            with_outcome: Whether to read the result and the newest error.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The step.

        Raises:
            NotFound: There is no such step (WF404). Nothing was written.

        SQL: workflow_pg.get_step
        """
        return await self._database.run(
            calls.GET_STEP(
                run_id=run_id,
                step_id=step_id,
                with_input=with_input,
                with_outcome=with_outcome,
            ),
            connection,
        )

    async def list(
        self,
        run_id: str,
        *,
        after: str | None = None,
        limit: int = 100,
        descending: bool = False,
        with_payloads: bool = False,
        cursor: str | None = None,
        connection: Connection | None = None,
    ) -> StepList:
        """Read one page of the steps of a run, ordered by id.

        Args:
            run_id: The run; no step when there is no such run.
            after: ``step_id`` of the last step of the page before; None for the first
                page.
            limit: 1 to 1000 steps.
            descending: The greatest id first.
            with_payloads: Whether to read inputs, results and errors.
            cursor: ``cursor`` of the last step of the page before, in place of
                ``after``.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The steps, each with its ``cursor``.

        Raises:
            MalformedCall: ``limit`` is out of range, or ``cursor`` of another list
                (WF400). Nothing was written.
            RunFinal: Payloads are asked for and were purged (WF410). Nothing was
                written.

        SQL: workflow_pg.list_steps
        """
        return await self._database.run(
            calls.LIST_STEPS(
                run_id=run_id,
                after=after,
                limit=limit,
                descending=descending,
                with_payloads=with_payloads,
                cursor=cursor,
            ),
            connection,
        )
