# Written by `make sync` from workflow_pg/storage/run_creation.py: edit that one.
"""The methods of ``world.runs`` that create one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from workflow_pg.calls import runs as calls
from workflow_pg.models import (
    AppendReply,
    Codec,
    KeyPolicy,
    KeyScope,
)
from workflow_pg.sync.database import Connection, Facade


class RunCreation(Facade):
    """A run comes with the message that starts it, in the same transaction."""

    def create(
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
        return self._database.run(
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

    def create_keyed(
        self,
        start_key: str,
        workflow_name: str,
        input: bytes,
        *,
        policy: KeyPolicy = KeyPolicy.RETURN,
        scope: KeyScope = KeyScope.KEPT,
        ttl: timedelta | None = None,
        input_digest: bytes | None = None,
        former_digest: bytes | None = None,
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
            former_digest: 32 bytes that stand for the same input, made in another way,
                as under a secret that has been changed since: the key may have it, but
                gets it no more.
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
        return self._database.run(
            calls.CREATE_KEYED_RUN(
                start_key=start_key,
                workflow_name=workflow_name,
                input=input,
                policy=policy,
                scope=scope,
                ttl=ttl,
                input_digest=input_digest,
                former_digest=former_digest,
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
