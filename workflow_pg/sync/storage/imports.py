# Written by `make sync` from workflow_pg/storage/imports.py: edit that one.
"""``world.imports``: runs and streams out of another database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from workflow_pg.calls import imports as calls
from workflow_pg.models import ImportReply
from workflow_pg.sync.database import Connection, Facade

__all__ = ["Imports"]


class Imports(Facade):
    """Imports: a run as a whole, and the streams that it has written."""

    def run(
        self,
        document: Mapping[str, Any],
        payloads: Sequence[bytes],
        *,
        deployment_id: str | None = None,
        namespace: str | None = None,
        connection: Connection | None = None,
    ) -> ImportReply:
        """Take a run with its entities and its log, once; a live one is woken.

        Args:
            document: The run, its steps, hooks, waits and events, as ``import_run``
                says.
            payloads: What the document points to, each at most 16 MiB.
            deployment_id: Whose workers are to execute it, 1 to 255 bytes; None: those
                of its own deployment.
            namespace: Of its queue; None for none.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            What became of it, and what was left out or added.

        Raises:
            MalformedCall: The document is malformed (WF400). Nothing was written.
            Conflict: The run is there and was not imported, a token of a live hook is
                held, or an event is of a step that is not there (WF409). Nothing was
                written.
            TooLarge: A payload has more than 16 MiB (WF413). Nothing was written.
            LimitExceeded: It has too many attributes (WF422). Nothing was written.
            SpecVersionUnsupported: Not 1 to 7 (WF426). Nothing was written.

        SQL: workflow_pg.import_run
        """
        return self._database.run(
            calls.IMPORT_RUN(
                document=document,
                payloads=payloads,
                deployment_id=deployment_id,
                namespace=namespace,
            ),
            connection,
        )

    def stream(
        self,
        run_id: str,
        name: str,
        *chunks: bytes,
        first_index: int,
        created_at: datetime,
        closed_at: datetime | None = None,
        connection: Connection | None = None,
    ) -> bool:
        """Take chunks of a stream, each once, before its run is taken.

        Args:
            run_id: The run, 1 to 255 bytes.
            name: The stream, 1 to 1024 bytes.
            chunks: 0 to 1000 of at most 16 MiB, together at most 64 MiB.
            first_index: Index of the first of them.
            created_at: When the stream was first written to.
            closed_at: When it was closed after these chunks; None while it is open,
                or there are more.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            False when its run is there: nothing was written.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            Conflict: Chunks before these are missing (WF409). Nothing was written.
            TooLarge: A chunk or all together are over the limit (WF413). Nothing was
                written.

        SQL: workflow_pg.import_stream
        """
        return self._database.run(
            calls.IMPORT_STREAM(
                run_id=run_id,
                name=name,
                first_index=first_index,
                chunks=list(chunks),
                created_at=created_at,
                closed_at=closed_at,
            ),
            connection,
        )
