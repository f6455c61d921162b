# Written by `make sync` from workflow_pg/storage/streams.py: edit that one.
"""``world.streams``: what a run writes beside its log, for readers that follow it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from datetime import timedelta

from workflow_pg.calls import streams as calls
from workflow_pg.models import Stream, StreamChunk, StreamPage, StreamWrite
from workflow_pg.sync.database import Connection, Database, Facade
from workflow_pg.sync.watcher import Watcher

Fetch = Callable[[int], StreamPage]
"""Reads the page that starts at an index."""

# Inside the class, `list` is the method.
StreamList = list[Stream]


class Streams(Facade):
    """Streams: append-only, each chunk under an index from 0, closed at most once.

    A stream belongs to a run id, but its run need not exist.
    """

    def __init__(self, database: Database, watcher: Watcher) -> None:
        super().__init__(database)
        self._watcher = watcher

    def write(
        self,
        run_id: str,
        name: str,
        *chunks: bytes,
        writer: str | None = None,
        seq: int | None = None,
        connection: Connection | None = None,
    ) -> StreamWrite:
        """Append chunks in one operation, in order, each under an index of its own.

        The first write creates the stream. A write to a closed stream is ignored; the
        reply says so. Until the call's transaction ends, other writers of the stream
        wait for it.

        Args:
            run_id: The run, 1 to 255 bytes; it need not exist.
            name: The stream, 1 to 1024 bytes.
            chunks: 0 to 1000 of at most 16 MiB, together at most 64 MiB; none does
                nothing.
            writer: Drawn by a writer that has one write under way at a time, 1 to 255
                bytes: a repeat of its newest write returns the first answer. None: a
                repeat is another write.
            seq: Number of the write, higher than that of the writer's write before.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            Where the chunks are.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            Conflict: ``seq`` stands for other chunks, or for a write before the newest
                (WF409). Nothing was written.
            TooLarge: A chunk is over 16 MiB or all are over 64 MiB (WF413). Nothing was
                written.

        SQL: workflow_pg.write_stream
        """
        return self._database.run(
            calls.WRITE_STREAM(
                run_id=run_id, name=name, chunks=chunks, writer=writer, seq=seq
            ),
            connection,
        )

    def close(
        self, run_id: str, name: str, *, connection: Connection | None = None
    ) -> Stream:
        """Close a stream for good, so that its readers end; again changes nothing.

        Args:
            run_id: The run, 1 to 255 bytes; it need not exist.
            name: The stream, 1 to 1024 bytes; it need not exist either.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The stream.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.

        SQL: workflow_pg.close_stream
        """
        return self._database.run(
            calls.CLOSE_STREAM(run_id=run_id, name=name), connection
        )

    def read(
        self, run_id: str, name: str, *, start: int = 0, fetch: Fetch | None = None
    ) -> Generator[StreamChunk, None, None]:
        """Follow a stream: its chunks from an index on, until it is closed.

        Each chunk comes once and in order. A stream that nobody has written to yet is
        waited for. While it waits, a reader has one connection, and never more than
        one page of chunks. Close the generator (``contextlib.closing``) to stop early.

        Args:
            run_id: The run, 1 to 255 bytes.
            name: The stream, 1 to 1024 bytes.
            start: Index to start at; negative: so many chunks before the end as it is
                when the first page is read, or the beginning.
            fetch: Reads a page in place of ``page``: for callers that repeat calls.

        Yields:
            The chunks.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.
            WorldClosed: The World was closed meanwhile.
            psycopg.Error: The database failed; go on after the last index that came.
        """

        def one_page(index: int) -> StreamPage:
            return self.page(run_id, name, start=index)

        fetch = fetch or one_page
        with self._watcher.reading(run_id, name) as wait:
            while True:
                page = fetch(start)
                start = page.next_index
                for place, data in enumerate(page.chunks):
                    yield StreamChunk(index=page.first_index + place, data=data)
                if page.is_last and page.is_closed:
                    return
                if page.is_last:
                    wait(start)

    def page(
        self,
        run_id: str,
        name: str,
        *,
        start: int = 0,
        limit: int = 100,
        connection: Connection | None = None,
    ) -> StreamPage:
        """Read consecutive chunks that are there already. Waits for nothing.

        Args:
            run_id: The run, 1 to 255 bytes.
            name: The stream, 1 to 1024 bytes; without a write it is empty and open.
            start: Index to start at; negative: so many chunks before the end.
            limit: 1 to 1000 chunks; a page also ends before it has more than 1 MiB, but
                not before its first chunk.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The page; the next one starts at its ``next_index``.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.

        SQL: workflow_pg.read_stream
        """
        return self._database.run(
            calls.READ_STREAM(run_id=run_id, name=name, start=start, limit=limit),
            connection,
        )

    def get(
        self, run_id: str, name: str, *, connection: Connection | None = None
    ) -> Stream:
        """Read how far a stream is and whether it is closed.

        Args:
            run_id: The run, 1 to 255 bytes.
            name: The stream, 1 to 1024 bytes; without a write it is empty and open.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The stream.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.

        SQL: workflow_pg.get_stream
        """
        return self._database.run(
            calls.GET_STREAM(run_id=run_id, name=name), connection
        )

    def list(
        self,
        run_id: str,
        *,
        after: str | None = None,
        limit: int = 100,
        connection: Connection | None = None,
    ) -> StreamList:
        """Read one page of the streams of a run, in the order of their creation.

        Args:
            run_id: The run; no stream when it has none.
            after: ``name`` of the last stream of the page before; None for the first
                page.
            limit: 1 to 1000 streams.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            The streams that were written to or closed, those of the SDK itself too.

        Raises:
            MalformedCall: ``limit`` is out of range (WF400). Nothing was written.
            NotFound: ``after`` is no stream of the run (WF404). Nothing was written.

        SQL: workflow_pg.list_streams
        """
        return self._database.run(
            calls.LIST_STREAMS(run_id=run_id, after=after, limit=limit), connection
        )

    def announce(
        self,
        reader_ids: Sequence[str],
        run_ids: Sequence[str],
        names: Sequence[str],
        next_indexes: Sequence[int],
        *,
        hints_for: timedelta | None = timedelta(seconds=30),
        connection: Connection | None = None,
    ) -> set[str]:
        """Announce readers that are about to wait, and learn which need not.

        For readers of your own making; ``read`` does it by itself. A notification on
        channel ``workflow_pg_streams`` with the reader's id is a hint: ask each second.

        Args:
            reader_ids: Drawn by the caller, 0 to 1000 texts of 1 to 64 bytes.
            run_ids: For each, the run of its stream.
            names: For each, the stream.
            next_indexes: For each, the chunk that it waits for.
            hints_for: How long to notify, up to an hour; None: only ask.
            connection: The caller's own, whose transaction the call joins.

        Returns:
            Ids of those whose chunk is there or whose stream is closed.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.

        SQL: workflow_pg.announce_readers
        """
        return self._database.run(
            calls.ANNOUNCE_READERS(
                reader_ids=reader_ids,
                run_ids=run_ids,
                names=names,
                next_indexes=next_indexes,
                hints_for=hints_for,
            ),
            connection,
        )

    def withdraw(
        self,
        reader_ids: Sequence[str],
        run_ids: Sequence[str],
        names: Sequence[str],
        *,
        connection: Connection | None = None,
    ) -> None:
        """Forget readers that were announced, so that nothing is sent to them.

        Args:
            reader_ids: As announced; those that are not there are no error.
            run_ids: For each, the run of its stream.
            names: For each, the stream.
            connection: The caller's own, whose transaction the call joins.

        Raises:
            MalformedCall: An argument is malformed (WF400). Nothing was written.

        SQL: workflow_pg.withdraw_readers
        """
        self._database.run(
            calls.WITHDRAW_READERS(reader_ids=reader_ids, run_ids=run_ids, names=names),
            connection,
        )
