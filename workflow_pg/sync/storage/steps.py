# Written by `make sync` from workflow_pg/storage/steps.py: edit that one.
"""``world.steps``: create steps of a run, begin and end their attempts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from workflow_pg.calls import steps as calls
from workflow_pg.models import AppendReply, Codec, Step
from workflow_pg.sync.database import Connection
from workflow_pg.sync.storage.step_batches import StepBatches
from workflow_pg.sync.storage.step_reads import StepReads


class Steps(StepReads, StepBatches):
    """Steps: the parts of a run that have effects, each in one or more attempts."""

    def create(
        self,
        run_id: str,
        step_id: str,
        step_name: str,
        input: bytes,
        *,
        codec: Codec = Codec.OPAQUE,
        spec_version: int = 7,
        dedup_key: str | None = None,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Create a step of a live run and have it executed: ``step_created``.

        Args:
            run_id: The run.
            step_id: Correlation id, unique in its run, 1 to 255 bytes.
            step_name: As workers announce it, 1 to 1024 bytes.
            input: Arguments, at most 16 MiB.
            codec: How to read ``input``.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the first reply.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event, and attempt 0.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run (WF404). Nothing was written.
            Conflict: The step exists or the run is final (WF409). Nothing was written.
            TooLarge: ``input`` is over 16 MiB (WF413). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.create_step
        """
        return self._database.run(
            calls.CREATE_STEP(
                run_id=run_id,
                step_id=step_id,
                step_name=step_name,
                input=input,
                codec=codec,
                spec_version=spec_version,
                dedup_key=dedup_key,
            ),
            connection,
        )

    def start(
        self,
        run_id: str,
        step_id: str,
        *,
        spec_version: int = 7,
        dedup_key: str | None = None,
        owner_message_id: str | None = None,
        connection: Connection | None = None,
    ) -> Step:
        """Begin an attempt of a step of a live run: ``step_started``.

        Also from running: a delivery after a crash begins the step again.

        Args:
            run_id: The run.
            step_id: The step.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the same attempt.
            owner_message_id: The message whose handler executes it, for other replays
                of the run.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The step with its attempt, its input and its newest error.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run or step (WF404). Nothing was written.
            Conflict: The step is final (WF409). Nothing was written.
            RunFinal: The run is final (WF410). Nothing was written.
            TooEarly: Its ``retry_after`` lies ahead (WF425). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.start_step
        """
        return self._database.run(
            calls.START_STEP(
                run_id=run_id,
                step_id=step_id,
                spec_version=spec_version,
                dedup_key=dedup_key,
                owner_message_id=owner_message_id,
            ),
            connection,
        )

    def retry(
        self,
        run_id: str,
        step_id: str,
        error: bytes,
        *,
        codec: Codec = Codec.OPAQUE,
        retry_after: datetime | None = None,
        spec_version: int = 7,
        dedup_key: str | None = None,
        lease_token: UUID | None = None,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Give a step back after a failed attempt, for another: ``step_retrying``.

        Args:
            run_id: The run.
            step_id: The step.
            error: What went wrong, at most 16 MiB.
            codec: How to read ``error``.
            retry_after: No attempt may begin before it, aware; None: at once.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the first reply.
            lease_token: Of the step's own dispatch, whose holder will reschedule it.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event and the number of attempts begun.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run or step (WF404). Nothing was written.
            Conflict: The step is final (WF409). Nothing was written.
            RunFinal: The run is final and the step was not running (WF410). Nothing
                was written.
            TooLarge: ``error`` is over 16 MiB (WF413). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.retry_step
        """
        return self._database.run(
            calls.RETRY_STEP(
                run_id=run_id,
                step_id=step_id,
                error=error,
                codec=codec,
                retry_after=retry_after,
                spec_version=spec_version,
                dedup_key=dedup_key,
                lease_token=lease_token,
            ),
            connection,
        )

    def complete(
        self,
        run_id: str,
        step_id: str,
        result: bytes,
        *,
        codec: Codec = Codec.OPAQUE,
        spec_version: int = 7,
        dedup_key: str | None = None,
        lease_token: UUID | None = None,
        wake: bool = True,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Finish a step and wake its run: ``step_completed``.

        Args:
            run_id: The run.
            step_id: The step.
            result: What the step returned, at most 16 MiB.
            codec: How to read ``result``.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the first reply.
            lease_token: Of the delivery the caller is handling: while it is held the
                run is not woken.
            wake: False when the caller wakes the run itself.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event and the number of attempts begun.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run or step (WF404). Nothing was written.
            Conflict: The step is final (WF409). Nothing was written.
            RunFinal: The run is final and the step was not running (WF410). Nothing
                was written.
            TooLarge: ``result`` is over 16 MiB (WF413). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.complete_step
        """
        return self._database.run(
            calls.COMPLETE_STEP(
                run_id=run_id,
                step_id=step_id,
                result=result,
                codec=codec,
                spec_version=spec_version,
                dedup_key=dedup_key,
                lease_token=lease_token,
                wake=wake,
            ),
            connection,
        )

    def fail(
        self,
        run_id: str,
        step_id: str,
        error: bytes,
        *,
        codec: Codec = Codec.OPAQUE,
        spec_version: int = 7,
        dedup_key: str | None = None,
        lease_token: UUID | None = None,
        wake: bool = True,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Fail a step for good and wake its run: ``step_failed``.

        Args:
            run_id: The run.
            step_id: The step.
            error: What went wrong, at most 16 MiB.
            codec: How to read ``error``.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the first reply.
            lease_token: Of the delivery the caller is handling: while it is held the
                run is not woken.
            wake: False when the caller wakes the run itself.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event and the number of attempts begun.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run or step (WF404). Nothing was written.
            Conflict: The step is final (WF409). Nothing was written.
            RunFinal: The run is final and the step was not running (WF410). Nothing
                was written.
            TooLarge: ``error`` is over 16 MiB (WF413). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.fail_step
        """
        return self._database.run(
            calls.FAIL_STEP(
                run_id=run_id,
                step_id=step_id,
                error=error,
                codec=codec,
                spec_version=spec_version,
                dedup_key=dedup_key,
                lease_token=lease_token,
                wake=wake,
            ),
            connection,
        )
