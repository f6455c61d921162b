# Written by `make sync` from workflow_pg/queue/deliveries.py: edit that one.
"""The methods of ``world.queue`` about a message in hand: keep it, or let it go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from workflow_pg.calls import queue as calls
from workflow_pg.models import (
    Delivery,
)
from workflow_pg.sync.database import Connection, Facade

LEASE = timedelta(seconds=15)


class Deliveries(Facade):
    """A delivery ends once: acknowledged, rescheduled, given back or buried."""

    def renew(
        self,
        deliveries: Sequence[Delivery],
        *,
        lease: timedelta = LEASE,
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
        return self._database.run(
            calls.RENEW_LEASES(
                run_ids=[delivery.run_id for delivery in deliveries],
                message_ids=[delivery.message_id for delivery in deliveries],
                lease_tokens=[delivery.lease_token for delivery in deliveries],
                lease=lease,
            ),
            connection,
        )

    def ack(self, delivery: Delivery, *, connection: Connection | None = None) -> None:
        """Acknowledge a delivery: its message is deleted.

        Args:
            delivery: As claimed; a message that is gone already is no error.
            connection: The caller's own, whose transaction the call joins.

        Raises:
            Conflict: The lease was lost (WF409). Nothing was written.

        SQL: workflow_pg.ack_message
        """
        self._database.run(
            calls.ACK_MESSAGE(
                run_id=delivery.run_id,
                message_id=delivery.message_id,
                lease_token=delivery.lease_token,
            ),
            connection,
        )

    def reschedule(
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
        self._database.run(
            calls.RESCHEDULE_MESSAGE(
                run_id=delivery.run_id,
                message_id=delivery.message_id,
                lease_token=delivery.lease_token,
                delay=delay,
                idempotency_key=idempotency_key,
            ),
            connection,
        )

    def nack(
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
        self._database.run(
            calls.NACK_MESSAGE(
                run_id=delivery.run_id,
                message_id=delivery.message_id,
                lease_token=delivery.lease_token,
                error=error,
            ),
            connection,
        )

    def release(
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
        self._database.run(
            calls.RELEASE_MESSAGE(
                run_id=delivery.run_id,
                message_id=delivery.message_id,
                lease_token=delivery.lease_token,
            ),
            connection,
        )

    def bury(
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
        self._database.run(
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
