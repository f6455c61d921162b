"""``world.runs``: start runs, end them, read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from workflow_pg.calls import runs as calls
from workflow_pg.database import Connection
from workflow_pg.models import (
    AppendReply,
    Codec,
    KeyPolicy,
    KeyScope,
    Reason,
    Run,
    RunStatus,
)
from workflow_pg.storage.run_batches import RunBatches

# Inside the class, `list` is the method.
RunList = list[Run]
ReasonList = list[Reason]


class Runs(RunBatches):
    """Runs: one execution of a workflow each."""

    async def create(
        self,
        workflow_name: str,
        input: bytes,
        *,
        run_id: str | None = None,
        codec: Codec = Codec.OPAQUE,
        deployment_id: str = "default",
        execution_context: Mapping[str, object] | None = None,
        encryption_public_key: str | None = None,
        attributes: Mapping[str, str] | None = None,
        allow_reserved: bool = False,
        spec_version: int = 7,
        dedup_key: str | None = None,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Create a run and leave the message that starts it: ``run_created``.

        Args:
            workflow_name: As workers announce it, 1 to 1024 bytes.
            input: Arguments, at most 16 MiB; as JSON an array of them, or an object of
                keyword arguments.
            run_id: ``wrun_`` and a ULID of the last 24 hours; None has one drawn.
            codec: How to read ``input``.
            deployment_id: Only its workers execute the run; 1 to 255 bytes.
            execution_context: JSON object of the SDK; its ``queueNamespace`` names the
                queue.
            encryption_public_key: For payloads sealed to the run; not looked into.
            attributes: What the run is to be found by, with the limits of
                ``set_attributes``.
            allow_reserved: Whether keys of attributes may begin with ``$``.
            spec_version: Protocol version of the writer, 2 to 7; fixed for the run.
            dedup_key: A repeat with the same key returns the first reply; it needs
                ``run_id``.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event, with the run's id and status.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            Conflict: The run exists, or the key stands for another call (WF409).
                Nothing was written.
            TooLarge: ``input`` is over 16 MiB (WF413). Nothing was written.
            LimitExceeded: Attributes are over a limit (WF422). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.create_run
        """
        return await self._database.run(
            calls.CREATE_RUN(
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

    async def create_keyed(
        self,
        start_key: str,
        workflow_name: str,
        input: bytes,
        *,
        policy: KeyPolicy = KeyPolicy.RETURN,
        scope: KeyScope = KeyScope.KEPT,
        ttl: timedelta | None = None,
        input_digest: bytes | None = None,
        run_id: str | None = None,
        codec: Codec = Codec.OPAQUE,
        deployment_id: str = "default",
        execution_context: Mapping[str, object] | None = None,
        encryption_public_key: str | None = None,
        attributes: Mapping[str, str] | None = None,
        allow_reserved: bool = False,
        spec_version: int = 7,
        dedup_key: str | None = None,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Create a run, unless its start key stands for one already: that is told.

        Args:
            start_key: Chosen by the caller, 1 to 1024 bytes; unique across the
                database, whatever the workflow and the deployment.
            workflow_name: As for ``create``, as all that is not explained here.
            input: At most 16 MiB.
            policy: When the key stands for a run: ``RETURN`` it, if it has the same
                workflow and input; ``REFUSE``, whatever it has.
            scope: How long the key will stand for the new run. ``LIVE``: until the run
                is final; ``KEPT``: as long as it is kept; ``TIMED``: for ``ttl``.
            ttl: With scope ``TIMED`` only: more than 0 and at most 1000 days, from now.
            input_digest: 32 bytes that stand for the input, where its bytes differ from
                start to start; None: it is compared byte for byte.
            run_id: Of the new run; None has one drawn.
            codec: How to read ``input``.
            deployment_id: 1 to 255 bytes.
            execution_context: JSON object of the SDK.
            encryption_public_key: Not looked into.
            attributes: Of the new run; they make no other start of it.
            allow_reserved: Whether keys of attributes may begin with ``$``.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key and ``run_id`` returns the first
                reply.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event, with the run's id and status. ``seq`` is None when the run was
            there already.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            Conflict: The key is taken, or stands for another workflow or input;
                ``detail["run_id"]`` is its run. Or the run exists (WF409). Nothing was
                written.
            TooLarge: ``input`` is over 16 MiB (WF413). Nothing was written.
            LimitExceeded: Attributes are over a limit (WF422). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.create_keyed_run
        """
        return await self._database.run(
            calls.CREATE_KEYED_RUN(
                start_key=start_key,
                workflow_name=workflow_name,
                input=input,
                policy=policy,
                scope=scope,
                ttl=ttl,
                input_digest=input_digest,
                run_id=run_id,
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
        connection: Connection | None = None,
    ) -> RunList:
        """Read one page of the runs, newest first, without payloads.

        Args:
            status: Only runs in this status; None for all.
            workflow_name: Only runs of this workflow; None for all.
            deployment_id: Only runs of this deployment; None for all.
            only_live: True: only runs that are not over.
            attributes: Only runs that have all of these; None for all.
            limit: 1 to 1000 runs.
            before: ``created_at`` of the last run of the page before; None for the
                first page.
            before_run_id: ``run_id`` of that run.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The runs.

        Raises:
            MalformedCall: ``limit`` is out of range, or an attribute is no text
                (WF400). Nothing was written.

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
