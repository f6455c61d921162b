# Written by `make sync` from workflow_pg/storage/hooks.py: edit that one.
"""``world.hooks``: points of a run that the world outside can resume, by a token."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from workflow_pg.calls import hooks as calls
from workflow_pg.models import AppendReply, Codec
from workflow_pg.sync.database import Connection
from workflow_pg.sync.storage.hook_reads import HookReads


class Hooks(HookReads):
    """Hooks: at most one live hook of any run holds a token."""

    def create(
        self,
        run_id: str,
        hook_id: str,
        token: str,
        *,
        metadata: bytes | None = None,
        codec: Codec = Codec.OPAQUE,
        is_webhook: bool = True,
        is_system: bool = False,
        spec_version: int = 7,
        dedup_key: str | None = None,
        lease_token: UUID | None = None,
        wake: bool = True,
        token_retention_until: datetime | None = None,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Create a hook of a live run and claim its token: ``hook_created``.

        When another live hook holds the token, the event is ``hook_conflict`` instead;
        that is no error.

        Args:
            run_id: The run.
            hook_id: Correlation id, unique in its run, 1 to 255 bytes.
            token: By which the world finds the hook, 1 to 1024 bytes.
            metadata: For whoever resumes it, at most 16 MiB; None for none.
            codec: How to read ``metadata``.
            is_webhook: Whether a public web address may resume it.
            is_system: Whether it belongs to the SDK, not to the workflow's author.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the first reply.
            lease_token: Of the delivery the caller is handling: while it is held the
                run is not woken.
            wake: False when the caller wakes the run itself.
            token_retention_until: How long the hook keeps its token, and can be read
                but not resumed, after the end of its run, aware; None: not at all.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event; for ``hook_conflict`` also ``conflicting_run_id``.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run (WF404). Nothing was written.
            Conflict: The hook was created before or the run is final (WF409). Nothing
                was written.
            TooLarge: ``metadata`` is over 16 MiB (WF413). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.create_hook
        """
        return self._database.run(
            calls.CREATE_HOOK(
                run_id=run_id,
                hook_id=hook_id,
                token=token,
                metadata=metadata,
                codec=codec,
                is_webhook=is_webhook,
                is_system=is_system,
                spec_version=spec_version,
                dedup_key=dedup_key,
                lease_token=lease_token,
                wake=wake,
                token_retention_until=token_retention_until,
            ),
            connection,
        )

    def receive(
        self,
        run_id: str,
        hook_id: str,
        payload: bytes,
        *,
        codec: Codec = Codec.OPAQUE,
        spec_version: int = 7,
        dedup_key: str | None = None,
        lease_token: UUID | None = None,
        wake: bool = True,
        resume_id: str | None = None,
        payload_digest: str | None = None,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Give a live hook a payload and wake its run: ``hook_received``.

        A hook can receive many times; with a ``dedup_key`` one resume is one payload.

        Args:
            run_id: The run; ``get_by_token`` tells it.
            hook_id: The hook.
            payload: At most 16 MiB.
            codec: How to read ``payload``.
            spec_version: Protocol version of the writer, 2 to 7.
            dedup_key: A repeat with the same key returns the first reply.
            lease_token: Of the delivery the caller is handling: while it is held the
                run is not woken.
            wake: False when the caller wakes the run itself.
            resume_id: In place of ``dedup_key``, for a resume whose payload two
                writers may bring, 1 to 240 bytes: the event has it as its fact
                ``resumeId``, and whoever comes second gets the first reply, also when
                the hook or the run has ended since.
            payload_digest: Stands for the payload where two calls with one
                ``resume_id`` are compared, 1 to 255 bytes; None: the payload itself.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run or live hook (WF404). Nothing was written.
            Conflict: The key or resume id stands for another hook or payload (WF409).
                Nothing was written.
            RunFinal: The run is final (WF410). Nothing was written.
            TooLarge: ``payload`` is over 16 MiB (WF413). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.receive_hook
        """
        return self._database.run(
            calls.RECEIVE_HOOK(
                run_id=run_id,
                hook_id=hook_id,
                payload=payload,
                codec=codec,
                spec_version=spec_version,
                dedup_key=dedup_key,
                lease_token=lease_token,
                wake=wake,
                resume_id=resume_id,
                payload_digest=payload_digest,
            ),
            connection,
        )

    def resume(
        self,
        token: str,
        payload: bytes,
        *,
        codec: Codec = Codec.JSON,
        dedup_key: str | None = None,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Give the live hook that holds a token a payload: ``hook_received``.

        Args:
            token: The token.
            payload: At most 16 MiB.
            codec: How to read ``payload``; a Python workflow gets JSON as values.
            dedup_key: A repeat with the same key returns the first reply.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event, with the run of the hook.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: Nobody holds the token (WF404). Nothing was written.
            Conflict: The key stands for another call (WF409). Nothing was written.
            RunFinal: The run ended in this moment (WF410). Nothing was written.
            TooLarge: ``payload`` is over 16 MiB (WF413). Nothing was written.

        SQL: workflow_pg.resume_hook
        """
        return self._database.run(
            calls.RESUME_HOOK(
                token=token, payload=payload, codec=codec, dedup_key=dedup_key
            ),
            connection,
        )

    def dispose(
        self,
        run_id: str,
        hook_id: str,
        *,
        spec_version: int = 7,
        dedup_key: str | None = None,
        lease_token: UUID | None = None,
        wake: bool = True,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Dispose a live hook and free its token: ``hook_disposed``.

        Args:
            run_id: The run.
            hook_id: The hook.
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
            NotFound: There is no such run or hook, or it never held its token (WF404).
                Nothing was written.
            Conflict: It was disposed before (WF409). Nothing was written.
            SpecVersionUnsupported: Not 2 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.dispose_hook
        """
        return self._database.run(
            calls.DISPOSE_HOOK(
                run_id=run_id,
                hook_id=hook_id,
                spec_version=spec_version,
                dedup_key=dedup_key,
                lease_token=lease_token,
                wake=wake,
            ),
            connection,
        )
