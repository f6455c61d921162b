# Written by `make sync` from workflow_pg/queue/__init__.py: edit that one.
"""``world.queue``: messages, the workers that handle them, and housekeeping."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from workflow_pg.calls import queue as calls
from workflow_pg.models import Codec, Delivery, MessageKind
from workflow_pg.sync.database import Connection
from workflow_pg.sync.queue.deliveries import LEASE, Deliveries
from workflow_pg.sync.queue.workers import Workers

__all__ = ["Queue"]


class Queue(Deliveries, Workers):
    """The queue: a table in the same database, leased by tokens.

    A method that takes a delivery raises Conflict (WF409) when its lease was lost:
    the message is another's by then, or pending again. Nothing was written.
    """

    def send(
        self,
        run_id: str,
        kind: MessageKind,
        *,
        message_id: str | None = None,
        queue_name: str | None = None,
        step_id: str | None = None,
        body: bytes | None = None,
        codec: Codec = Codec.CBOR,
        idempotency_key: str | None = None,
        deployment_id: str | None = None,
        delay: timedelta = timedelta(0),
        connection: Connection | None = None,
    ) -> str:
        """Send a message to whoever serves a run; durable when it returns.

        Args:
            run_id: The run, 1 to 255 bytes; for ``start`` and ``custom`` it need not
                exist yet.
            kind: ``wake`` merges with a pending one, ``step`` with a living dispatch;
                ``start`` is stored only for an absent run.
            message_id: Drawn before the first try, 1 to 255 bytes: a repeat changes
                nothing; None has one drawn.
            queue_name: ``__wkf_workflow_<name>``; needed for an absent run.
            step_id: The step, for kind ``step``.
            body: Content of ``start``, ``hook`` and ``custom``, at most 16 MiB and
                64 KiB.
            codec: How to read ``body``.
            idempotency_key: At most 512 bytes: while a message of the run with this
                key lives, its id is returned instead.
            deployment_id: For an absent run; None: ``default``.
            delay: Not to be delivered before, from now; 0 to 1000 days.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            Id of the message that will be delivered.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run or step (WF404). Nothing was written.
            TooLarge: ``body`` is too large (WF413). Nothing was written.

        SQL: workflow_pg.send_message
        """
        return self._database.run(
            calls.SEND_MESSAGE(
                run_id=run_id,
                kind=kind,
                message_id=message_id,
                queue_name=queue_name,
                step_id=step_id,
                body=body,
                codec=codec,
                idempotency_key=idempotency_key,
                deployment_id=deployment_id,
                delay=delay,
            ),
            connection,
        )

    def withdraw_probe(
        self, run_id: str, *, connection: Connection | None = None
    ) -> None:
        """Take back the message of a health check, when its sender has given up.

        Args:
            run_id: The invented run of the check, ``wrun_hc_`` and its correlation id;
                a message that a worker is handling, or that is gone, is no error.
            connection: The caller's own, whose transaction the call joins.

        Raises:
            MalformedCall: It is no health check (WF400). Nothing was written.

        SQL: workflow_pg.withdraw_probe
        """
        self._database.run(calls.WITHDRAW_PROBE(run_id=run_id), connection)

    def claim(
        self,
        worker_id: str,
        workflows: Sequence[str],
        steps: Sequence[str] = (),
        *,
        limit: int = 1,
        deployment_id: str = "default",
        namespace: str | None = None,
        lease: timedelta = LEASE,
        max_deliveries: int = 64,
        connection: Connection | None = None,
    ) -> list[Delivery]:
        """Claim due messages; each comes again when its lease ends without ``renew``.

        Args:
            worker_id: Who claims, 1 to 255 bytes.
            workflows: Names of the workflows it serves, at least one.
            steps: Names of the steps it serves.
            limit: 1 to 1000 messages.
            deployment_id: Whose messages; ``*`` for all deployments.
            namespace: Queue namespace of the workflows; None for none.
            lease: How long it may work without renewing; 1 second to 1 hour.
            max_deliveries: What was delivered more often comes as ``is_exhausted``.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The deliveries; sleeps that are over have been turned into messages first.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.

        SQL: workflow_pg.claim_messages
        """
        return self._database.run(
            calls.CLAIM_MESSAGES(
                worker_id=worker_id,
                workflows=workflows,
                steps=steps,
                limit=limit,
                deployment_id=deployment_id,
                namespace=namespace,
                lease=lease,
                max_deliveries=max_deliveries,
            ),
            connection,
        )
