"""``world.queue``: messages, the workers that handle them, and housekeeping."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from workflow_pg.calls import queue as calls
from workflow_pg.database import Connection, Facade
from workflow_pg.models import Codec, Delivery, Maintenance, MessageKind, Violation

__all__ = ["Queue"]

_LEASE = timedelta(seconds=15)


class Queue(Facade):
    """The queue: a table in the same database, leased by tokens.

    A method that takes a delivery raises Conflict (WF409) when its lease was lost:
    the message is another's by then, or pending again. Nothing was written.
    """

    async def send(
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
        return await self._database.run(
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

    async def claim(
        self,
        worker_id: str,
        workflows: Sequence[str],
        steps: Sequence[str] = (),
        *,
        limit: int = 1,
        deployment_id: str = "default",
        namespace: str | None = None,
        lease: timedelta = _LEASE,
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
        return await self._database.run(
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

    async def renew(
        self,
        deliveries: Sequence[Delivery],
        *,
        lease: timedelta = _LEASE,
        connection: Connection | None = None,
    ) -> set[str]:
        """Extend leases, all in one statement; an ended one too that nobody took.

        Args:
            deliveries: What is being handled.
            lease: From now; 1 second to 1 hour.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The message ids still held; what is missing was lost: stop working on it.

        Raises:
            MalformedCall: ``lease`` is out of range (WF400). Nothing was written.

        SQL: workflow_pg.renew_leases
        """
        return await self._database.run(
            calls.RENEW_LEASES(
                run_ids=[delivery.run_id for delivery in deliveries],
                message_ids=[delivery.message_id for delivery in deliveries],
                lease_tokens=[delivery.lease_token for delivery in deliveries],
                lease=lease,
            ),
            connection,
        )

    async def ack(
        self, delivery: Delivery, *, connection: Connection | None = None
    ) -> None:
        """Acknowledge a delivery: its message is deleted.

        Args:
            delivery: As claimed; a message that is gone already is no error.
            connection: The caller's own, whose transaction the call joins.

        Raises:
            Conflict: The lease was lost (WF409). Nothing was written.

        SQL: workflow_pg.ack_message
        """
        await self._database.run(
            calls.ACK_MESSAGE(
                run_id=delivery.run_id,
                message_id=delivery.message_id,
                lease_token=delivery.lease_token,
            ),
            connection,
        )

    async def reschedule(
        self,
        delivery: Delivery,
        delay: timedelta,
        *,
        idempotency_key: str | None = None,
        connection: Connection | None = None,
    ) -> None:
        """Return a delivery in order, to come again later; its count starts anew.

        Args:
            delivery: As claimed.
            delay: From now; 0 to 1000 days.
            idempotency_key: At most 512 bytes: when another pending message of the run
                has it, this one is acknowledged instead.
            connection: The caller's own, whose transaction the call joins.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            Conflict: The lease was lost (WF409). Nothing was written.

        SQL: workflow_pg.reschedule_message
        """
        await self._database.run(
            calls.RESCHEDULE_MESSAGE(
                run_id=delivery.run_id,
                message_id=delivery.message_id,
                lease_token=delivery.lease_token,
                delay=delay,
                idempotency_key=idempotency_key,
            ),
            connection,
        )

    async def nack(
        self,
        delivery: Delivery,
        error: str | None = None,
        *,
        connection: Connection | None = None,
    ) -> None:
        """Give a delivery back after an error; it comes again after 1 s to 60 s.

        Args:
            delivery: As claimed.
            error: Why, for people; its first 1000 characters are kept.
            connection: The caller's own, whose transaction the call joins.

        Raises:
            Conflict: The lease was lost (WF409). Nothing was written.

        SQL: workflow_pg.nack_message
        """
        await self._database.run(
            calls.NACK_MESSAGE(
                run_id=delivery.run_id,
                message_id=delivery.message_id,
                lease_token=delivery.lease_token,
                error=error,
            ),
            connection,
        )

    async def release(
        self, delivery: Delivery, *, connection: Connection | None = None
    ) -> None:
        """Give a delivery back untouched; it is due at once and does not count.

        Args:
            delivery: As claimed.
            connection: The caller's own, whose transaction the call joins.

        Raises:
            Conflict: The lease was lost (WF409). Nothing was written.

        SQL: workflow_pg.release_message
        """
        await self._database.run(
            calls.RELEASE_MESSAGE(
                run_id=delivery.run_id,
                message_id=delivery.message_id,
                lease_token=delivery.lease_token,
            ),
            connection,
        )

    async def bury(
        self,
        delivery: Delivery,
        error: str,
        *,
        error_name: str = "MaxDeliveriesExceeded",
        error_code: str = "MAX_DELIVERIES_EXCEEDED",
        connection: Connection | None = None,
    ) -> None:
        """Give a message up: a dispatch fails its step, any other fails its run.

        The error is written as JSON ``{name, message}``; the message is kept.

        Args:
            delivery: As claimed.
            error: One sentence for people; its first 65536 characters are kept.
            error_name: Class of the error; 255 characters are kept.
            error_code: ``error_code`` of the run; 255 characters are kept.
            connection: The caller's own, whose transaction the call joins.

        Raises:
            MalformedCall: ``error`` is empty (WF400). Nothing was written.
            Conflict: The lease was lost (WF409). Nothing was written.

        SQL: workflow_pg.bury_message
        """
        await self._database.run(
            calls.BURY_MESSAGE(
                run_id=delivery.run_id,
                message_id=delivery.message_id,
                lease_token=delivery.lease_token,
                error=error,
                error_name=error_name,
                error_code=error_code,
            ),
            connection,
        )

    async def heartbeat(
        self,
        worker_id: str,
        workflows: Sequence[str],
        steps: Sequence[str] = (),
        *,
        deployment_id: str = "default",
        namespace: str | None = None,
        connection: Connection | None = None,
    ) -> None:
        """Announce a worker, every 5 s; after 15 s of silence it counts as dead.

        Args:
            worker_id: Drawn at its start, 1 to 255 bytes.
            workflows: Names of the workflows it serves.
            steps: Names of the steps it serves.
            deployment_id: Whose messages it claims; ``*`` for all.
            namespace: Queue namespace it serves; None for none.
            connection: The caller's own, whose transaction the call joins.

        Raises:
            MalformedCall: An id is malformed (WF400). Nothing was written.

        SQL: workflow_pg.heartbeat_worker
        """
        await self._database.run(
            calls.HEARTBEAT_WORKER(
                worker_id=worker_id,
                workflows=workflows,
                steps=steps,
                deployment_id=deployment_id,
                namespace=namespace,
            ),
            connection,
        )

    async def set_idle(
        self, worker_id: str, *, is_idle: bool, connection: Connection | None = None
    ) -> None:
        """Ask to be notified on channel ``workflow_pg``, or no longer.

        Args:
            worker_id: As announced; an unknown one changes nothing.
            is_idle: Whether it is about to wait.
            connection: The caller's own, whose transaction the call joins.

        SQL: workflow_pg.set_worker_idle
        """
        await self._database.run(
            calls.SET_WORKER_IDLE(worker_id=worker_id, is_idle=is_idle), connection
        )

    async def remove_worker(
        self, worker_id: str, *, connection: Connection | None = None
    ) -> None:
        """Take a worker off the list, at its orderly end.

        Args:
            worker_id: As announced; an unknown one changes nothing.
            connection: The caller's own, whose transaction the call joins.

        SQL: workflow_pg.remove_worker
        """
        await self._database.run(calls.REMOVE_WORKER(worker_id=worker_id), connection)

    async def maintain(
        self,
        after: str = "",
        *,
        limit: int = 1000,
        grace: timedelta = timedelta(seconds=10),
        connection: Connection | None = None,
    ) -> Maintenance:
        """Mend one page of runs that nothing would wake, and forget old dedup keys.

        Args:
            after: ``next_after`` of the call before; empty to begin.
            limit: 1 to 1000 runs per page.
            grace: Leave runs alone that had an event within it.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            Where to go on, and what was done.

        Raises:
            MalformedCall: ``limit`` is out of range (WF400). Nothing was written.

        SQL: workflow_pg.maintain
        """
        return await self._database.run(
            calls.MAINTAIN(after=after, limit=limit, grace=grace), connection
        )

    async def unwakeable_runs(
        self, *, connection: Connection | None = None
    ) -> list[Violation]:
        """Read the live runs that nothing would ever wake.

        Args:
            connection: The caller's own, whose transaction the call joins.

        Returns:
            None in a sound database; ``maintain`` mends what is here.

        SQL: workflow_pg.unwakeable_runs
        """
        return await self._database.run(calls.UNWAKEABLE_RUNS(), connection)
