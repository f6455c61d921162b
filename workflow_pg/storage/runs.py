"""``world.runs``: begin runs, end them, set their attributes."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_pg.calls import runs as calls
from workflow_pg.database import Connection
from workflow_pg.models import (
    AppendReply,
    Codec,
    Run,
)
from workflow_pg.storage.run_batches import RunBatches
from workflow_pg.storage.run_creation import RunCreation
from workflow_pg.storage.run_waiting import RunWaiting


class Runs(RunWaiting, RunCreation, RunBatches):
    """Runs: one execution of a workflow each."""

    async def start(
        self,
        run_id: str,
        *,
        workflow_name: str | None = None,
        input: bytes | None = None,
        codec: Codec = Codec.OPAQUE,
        deployment_id: str | None = None,
        execution_context: Mapping[str, object] | None = None,
        encryption_public_key: str | None = None,
        attributes: Mapping[str, str] | None = None,
        allow_reserved: bool = False,
        spec_version: int = 7,
        dedup_key: str | None = None,
        connection: Connection | None = None,
    ) -> Run:
        """Start a pending run: ``run_started``; a running one is returned as it is.

        With ``workflow_name``, ``input`` and ``deployment_id`` an absent run is created
        first, in the same transaction. Otherwise they are ignored.

        Args:
            run_id: The run.
            workflow_name: As for ``create``, as all that follow.
            input: At most 16 MiB.
            codec: How to read ``input``.
            deployment_id: 1 to 255 bytes.
            execution_context: JSON object of the SDK.
            encryption_public_key: Not looked into.
            attributes: What the run is to be found by.
            allow_reserved: Whether keys of attributes may begin with ``$``.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key writes nothing.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The run with its input and execution context; ``seq`` is None when it was
            running already.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run (WF404). Nothing was written.
            Conflict: The key stands for another call (WF409). Nothing was written.
            RunFinal: The run is final (WF410). Nothing was written.
            TooLarge: ``input`` is over 16 MiB (WF413). Nothing was written.
            LimitExceeded: Attributes are over a limit (WF422). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.start_run
        """
        return await self._database.run(
            calls.START_RUN(
                run_id=run_id,
                workflow_name=workflow_name,
                input=input,
                codec=codec,
                deployment_id=deployment_id,
                execution_context=execution_context,
                encryption_public_key=encryption_public_key,
                attributes=attributes,
                allow_reserved=allow_reserved,
                spec_version=spec_version,
                dedup_key=dedup_key,
            ),
            connection,
        )

    async def complete(
        self,
        run_id: str,
        output: bytes | None,
        *,
        codec: Codec = Codec.OPAQUE,
        spec_version: int = 7,
        dedup_key: str | None = None,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Finish a run: ``run_completed``. Its hooks, waits and messages end with it.

        Args:
            run_id: The run.
            output: What the workflow returned, at most 16 MiB; None when it has none.
            codec: How to read ``output``.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the first reply.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event and the run's status.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run (WF404). Nothing was written.
            Conflict: The run is final (WF409). Nothing was written.
            TooLarge: ``output`` is over 16 MiB (WF413). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.complete_run
        """
        return await self._database.run(
            calls.COMPLETE_RUN(
                run_id=run_id,
                output=output,
                codec=codec,
                spec_version=spec_version,
                dedup_key=dedup_key,
            ),
            connection,
        )

    async def fail(
        self,
        run_id: str,
        error: bytes,
        *,
        codec: Codec = Codec.OPAQUE,
        error_code: str | None = None,
        spec_version: int = 7,
        dedup_key: str | None = None,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Fail a run: ``run_failed``. Its hooks, waits and messages end with it.

        Args:
            run_id: The run.
            error: What went wrong, at most 16 MiB.
            codec: How to read ``error``.
            error_code: Class of the error, for lists and alarms: ``USER_ERROR``, ...
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the first reply.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event and the run's status.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run (WF404). Nothing was written.
            Conflict: The run is final (WF409). Nothing was written.
            TooLarge: ``error`` is over 16 MiB (WF413). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.fail_run
        """
        return await self._database.run(
            calls.FAIL_RUN(
                run_id=run_id,
                error=error,
                codec=codec,
                error_code=error_code,
                spec_version=spec_version,
                dedup_key=dedup_key,
            ),
            connection,
        )

    async def cancel(
        self,
        run_id: str,
        *,
        reason: str | None = None,
        spec_version: int = 7,
        dedup_key: str | None = None,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Cancel a run: ``run_cancelled``. Steps that are running may still finish.

        Args:
            run_id: The run.
            reason: For people, at most 512 UTF-16 units.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the first reply.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event and the run's status; ``seq`` is None when it was cancelled
            already.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run (WF404). Nothing was written.
            Conflict: The run is completed or failed (WF409). Nothing was written.
            LimitExceeded: ``reason`` is too long (WF422). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.cancel_run
        """
        return await self._database.run(
            calls.CANCEL_RUN(
                run_id=run_id,
                reason=reason,
                spec_version=spec_version,
                dedup_key=dedup_key,
            ),
            connection,
        )

    async def set_attributes(
        self,
        run_id: str,
        attributes: Mapping[str, str | None],
        *,
        writer: str = "api",
        correlation_id: str | None = None,
        step_id: str | None = None,
        attempt: int | None = None,
        allow_reserved: bool = False,
        spec_version: int = 7,
        dedup_key: str | None = None,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Set and delete attributes of a live run: ``attr_set``. Wakes nobody.

        They are plain text for whoever looks for runs, never encrypted.

        Args:
            run_id: The run.
            attributes: Value by key, None to delete; keys that are not named stay. At
                least one; all together at most 8192 bytes as an event. A key has 1 to
                256 UTF-16 units, a value at most 256 bytes, a run at most 64
                attributes.
            writer: ``api``; for an SDK ``workflow`` or ``step``.
            correlation_id: Of the call in a workflow's body, which is recorded once;
                None for other writers.
            step_id: The step that is the writer; else None.
            attempt: Its attempt; else None.
            allow_reserved: Whether keys may begin with ``$``.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the first reply.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event and the run's status.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run (WF404). Nothing was written.
            Conflict: The run is final, or the call was recorded before (WF409).
                Nothing was written.
            LimitExceeded: A limit is exceeded, or a key is reserved (WF422). Nothing
                was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.set_attributes
        """
        return await self._database.run(
            calls.SET_ATTRIBUTES(
                run_id=run_id,
                changes=calls.as_changes(attributes),
                writer=writer,
                correlation_id=correlation_id,
                step_id=step_id,
                attempt=attempt,
                allow_reserved=allow_reserved,
                spec_version=spec_version,
                dedup_key=dedup_key,
            ),
            connection,
        )
