"""``world.operations``: what people do by hand, and how it all stands."""

from __future__ import annotations

from datetime import datetime

from workflow_pg.calls import operations as calls
from workflow_pg.database import Connection, Facade
from workflow_pg.models import (
    AppendReply,
    BuriedMessage,
    Deletion,
    Discrepancy,
    Finding,
    Purge,
    QueueStat,
    Requeued,
    Wakening,
    WorkerState,
)

__all__ = ["Operations"]


class Operations(Facade):
    """Operations: a run put right, the queue looked into, the database examined."""

    async def retry_run(
        self,
        run_id: str,
        *,
        new_run_id: str | None = None,
        deployment_id: str | None = None,
        anyway: bool = False,
        dedup_key: str | None = None,
        connection: Connection | None = None,
    ) -> AppendReply:
        """Do the work of a run that is over again, in a new run: ``run_created``.

        The new run has the workflow, input, execution context and spec version of the
        old one, and the fact ``retryOf``.

        Args:
            run_id: The old run: failed or cancelled, and not retried yet; not one with
                an encryption key, whose input could not be read under another id.
            new_run_id: ``wrun_`` and a ULID of the last 24 hours; None has one drawn.
            deployment_id: Only its workers execute the new run, 1 to 255 bytes; None:
                the deployment of the old run.
            anyway: True: also a run that is completed, or was retried before.
            dedup_key: A repeat with the same key returns the first reply; it needs
                ``new_run_id``.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The event, with the id of the new run.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            NotFound: There is no such run (WF404). Nothing was written.
            Conflict: The run is live, completed, encrypted, or was retried before, or
                the new run exists (WF409). Nothing was written.

        SQL: workflow_pg.retry_run
        """
        return await self._database.run(
            calls.RETRY_RUN(
                run_id=run_id,
                new_run_id=new_run_id,
                deployment_id=deployment_id,
                anyway=anyway,
                dedup_key=dedup_key,
            ),
            connection,
        )

    async def wake_run(
        self,
        run_id: str,
        *,
        with_waits: bool = False,
        connection: Connection | None = None,
    ) -> Wakening:
        """Have a live run replayed now; a replay that finds nothing new does nothing.

        Args:
            run_id: The run.
            with_waits: True: its sleeps are over too, a ``wait_completed`` for each.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            Id of the wake, and how many sleeps were ended.

        Raises:
            NotFound: There is no such run (WF404). Nothing was written.
            RunFinal: The run is final (WF410). Nothing was written.

        SQL: workflow_pg.wake_run
        """
        return await self._database.run(
            calls.WAKE_RUN(run_id=run_id, with_waits=with_waits), connection
        )

    async def delete_run(
        self, run_id: str, *, connection: Connection | None = None
    ) -> Deletion:
        """Delete a run that is over with everything of it. There is no way back.

        Args:
            run_id: The run.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            How many rows of each kind were deleted.

        Raises:
            NotFound: There is no such run (WF404). Nothing was written.
            Conflict: The run is live, or a worker still executes a step of it (WF409).
                Nothing was written.

        SQL: workflow_pg.delete_run
        """
        return await self._database.run(calls.DELETE_RUN(run_id=run_id), connection)

    async def verify_run(
        self, run_id: str, *, connection: Connection | None = None
    ) -> list[Discrepancy]:
        """Compare what the tables say about a run with what its log says.

        Args:
            run_id: The run.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            None in a sound database, whatever has happened.

        Raises:
            NotFound: There is no such run (WF404). Nothing was written.

        SQL: workflow_pg.verify_run
        """
        return await self._database.run(calls.VERIFY_RUN(run_id=run_id), connection)

    async def purge_run(
        self, run_id: str, *, connection: Connection | None = None
    ) -> Purge:
        """Delete what a run that is over was given and has made. There is no way back.

        The run, its steps, its log and its attributes stay, without payloads. A second
        time finds nothing to do.

        Args:
            run_id: The run.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            Of how many events and streams payloads were deleted, and how many messages.

        Raises:
            NotFound: There is no such run (WF404). Nothing was written.
            Conflict: The run is live, or a worker still executes a step of it (WF409).
                Nothing was written.

        SQL: workflow_pg.purge_run
        """
        return await self._database.run(calls.PURGE_RUN(run_id=run_id), connection)

    async def queue_stats(
        self, *, connection: Connection | None = None
    ) -> list[QueueStat]:
        """Count what is in the queue, by deployment and served name.

        Args:
            connection: The caller's own, whose transaction the call joins.

        Returns:
            One entry per deployment and name that has a message, in their order.

        SQL: workflow_pg.queue_stats
        """
        return await self._database.run(calls.QUEUE_STATS(), connection)

    async def list_buried(
        self,
        *,
        limit: int = 100,
        before: datetime | None = None,
        before_run_id: str | None = None,
        before_message_id: str | None = None,
        connection: Connection | None = None,
    ) -> list[BuriedMessage]:
        """Read one page of the messages that were given up, newest first.

        Args:
            limit: 1 to 1000 messages.
            before: ``buried_at`` of the last message of the page before; None for the
                first page.
            before_run_id: ``run_id`` of that message.
            before_message_id: ``message_id`` of that message.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The messages.

        Raises:
            MalformedCall: ``limit`` is out of range (WF400). Nothing was written.

        SQL: workflow_pg.list_buried
        """
        return await self._database.run(
            calls.LIST_BURIED(
                limit=limit,
                before=before,
                before_run_id=before_run_id,
                before_message_id=before_message_id,
            ),
            connection,
        )

    async def requeue_messages(
        self,
        message_id: str | None = None,
        *,
        run_id: str | None = None,
        connection: Connection | None = None,
    ) -> list[Requeued]:
        """Have messages that were given up delivered again: all of them, or none.

        Args:
            message_id: The message; None for all of ``run_id``.
            run_id: Its run; None when ``message_id`` says enough.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            What will be delivered.

        Raises:
            MalformedCall: Neither is named, or several runs have a message of this id
                (WF400). Nothing was written.
            NotFound: There is no such message that was given up (WF404). Nothing was
                written.
            Conflict: Its step is final, or another message with its idempotency key
                lives (WF409). Nothing was written.
            RunFinal: The run is final: retry it (WF410). Nothing was written.

        SQL: workflow_pg.requeue_messages
        """
        return await self._database.run(
            calls.REQUEUE_MESSAGES(message_id=message_id, run_id=run_id), connection
        )

    async def list_workers(
        self,
        *,
        deployment_id: str | None = None,
        is_alive: bool | None = None,
        connection: Connection | None = None,
    ) -> list[WorkerState]:
        """Read who works, and who died without a goodbye in the last hour.

        Args:
            deployment_id: Only workers that claim its messages; None for all.
            is_alive: Only those that are alive (True) or dead (False); None for all.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The workers, those that are alive first.

        SQL: workflow_pg.list_workers
        """
        return await self._database.run(
            calls.LIST_WORKERS(deployment_id=deployment_id, is_alive=is_alive),
            connection,
        )

    async def diagnose(
        self,
        *,
        client_time: datetime | None = None,
        connection: Connection | None = None,
    ) -> list[Finding]:
        """Examine server, tables, workers, queue and runs. It reads every message.

        Args:
            client_time: What the clock here shows, aware; None: not compared.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            One finding per thing that was looked at.

        SQL: workflow_pg.diagnose
        """
        return await self._database.run(
            calls.DIAGNOSE(client_time=client_time), connection
        )
