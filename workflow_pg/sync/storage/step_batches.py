# Written by `make sync` from workflow_pg/storage/step_batches.py: edit that one.
"""The methods of ``world.steps`` that are about several steps at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from workflow_pg.calls import steps as calls
from workflow_pg.models import AppendOutcome, AppendReply, Codec, NewStep, Step
from workflow_pg.sync.database import Connection, Facade

HOLD = timedelta(seconds=15)


class StepBatches(Facade):
    """Several steps of a run in one call, which is one transaction."""

    def create_many(
        self,
        run_id: str,
        steps: Sequence[NewStep],
        *,
        codec: Codec = Codec.OPAQUE,
        spec_version: int = 7,
        dedup_key: str | None = None,
        all_or_nothing: bool = False,
        connection: Connection | None = None,
    ) -> list[AppendOutcome]:
        """Create steps of a live run and have them executed: ``step_created``.

        Args:
            run_id: The run.
            steps: The steps, each id once.
            codec: How to read their inputs.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the first outcomes.
            all_or_nothing: Whether the first step that is rejected is raised.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The outcome of each step, in order.

        Raises:
            MalformedCall: An id is there twice (WF400). Nothing was written.
            Conflict: The key stands for another call (WF409). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.
            Refusal: With ``all_or_nothing`` what a step has: WF400, WF404, WF409,
                WF413. Nothing was written.

        SQL: workflow_pg.create_steps
        """
        return self._database.run(
            calls.CREATE_STEPS(
                run_id=run_id,
                **calls.as_arrays(steps),
                codec=codec,
                spec_version=spec_version,
                dedup_key=dedup_key,
                all_or_nothing=all_or_nothing,
            ),
            connection,
        )

    def start_new(
        self,
        run_id: str,
        step_id: str,
        step_name: str,
        input: bytes,
        *,
        codec: Codec = Codec.OPAQUE,
        owner_message_id: str | None = None,
        spec_version: int = 7,
        dedup_key: str | None = None,
        hold: timedelta = HOLD,
        connection: Connection | None = None,
    ) -> Step:
        """Create a step and begin its first attempt, which the caller executes.

        ``step_created`` and ``step_started``, both or none. Of several who try, one
        succeeds; a step that is there is never started by this.

        Args:
            run_id: The run.
            step_id: Correlation id, unique in its run, 1 to 255 bytes.
            step_name: As workers announce it, 1 to 1024 bytes.
            input: Arguments, at most 16 MiB.
            codec: How to read ``input``.
            owner_message_id: The message whose handler executes it, for other replays
                of the run.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the first reply.
            hold: How long the step is the caller's alone: then it is dispatched, unless
                it is over; 1 second to 1 hour.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The step, attempt 1; ``seq`` is that of ``step_started``.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run (WF404). Nothing was written.
            Conflict: The step exists or the run is final (WF409). Nothing was written.
            TooLarge: ``input`` is over 16 MiB (WF413). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.start_new_step
        """
        return self._database.run(
            calls.START_NEW_STEP(
                run_id=run_id,
                step_id=step_id,
                step_name=step_name,
                input=input,
                codec=codec,
                owner_message_id=owner_message_id,
                spec_version=spec_version,
                dedup_key=dedup_key,
                hold=hold,
            ),
            connection,
        )

    def advance(
        self,
        run_id: str,
        step_id: str,
        result: bytes,
        *,
        next_step: NewStep,
        codec: Codec = Codec.OPAQUE,
        spec_version: int = 7,
        dedup_key: str | None = None,
        lease_token: UUID | None = None,
        wake: bool = True,
        hold: timedelta = HOLD,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Finish a step, create the next, and begin it, to be executed by the caller.

        ``step_completed``, ``step_created`` and ``step_started``: all or none.

        Args:
            run_id: The run.
            step_id: The step that is done.
            result: What it returned, at most 16 MiB.
            next_step: The next one.
            codec: How to read ``result`` and the input of ``next_step``.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the first reply.
            lease_token: Of the delivery the caller is handling: while it is held the
                run is not woken.
            wake: False when the caller wakes the run itself.
            hold: How long ``next_step`` is the caller's alone: then it is dispatched,
                unless it is over; 1 second to 1 hour.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            ``step_started`` of ``next_step``, attempt 1.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run or step (WF404). Nothing was written.
            Conflict: The step is final, or the next one exists, or the run is final
                (WF409). Nothing was written.
            RunFinal: The run is final and the step was not running (WF410). Nothing
                was written.
            TooLarge: A payload is over 16 MiB (WF413). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.advance
        """
        return self._database.run(
            calls.ADVANCE(
                run_id=run_id,
                step_id=step_id,
                result=result,
                next_step_id=next_step.step_id,
                next_step_name=next_step.step_name,
                next_input=next_step.input,
                codec=codec,
                spec_version=spec_version,
                dedup_key=dedup_key,
                lease_token=lease_token,
                wake=wake,
                hold=hold,
            ),
            connection,
        )
