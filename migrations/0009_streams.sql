-- 0009  streams
--
-- Adds     tables streams, stream_chunks, stream_writers and stream_readers, and the
--          composite types that functions of streams return.
-- Locks    none: every object is new.
-- Safe     before the code that uses it (expand).
-- Undo     none. Migrations only go forward.

create table workflow_pg.streams (
    run_id       text collate "C"  not null,
    name         text collate "C"  not null,
    place        integer           not null,
    chunk_count  bigint            not null,
    created_at   timestamptz       not null,
    closed_at    timestamptz,

    constraint streams_pkey
        primary key (run_id, name)
) with (fillfactor = 70);

comment on table workflow_pg.streams is
    'One row per stream that was written to or closed. Its row lock orders all writers of the stream.';
comment on column workflow_pg.streams.run_id is
    'The run it belongs to, which need not exist: any text, not only wrun_ and a ULID.';
comment on column workflow_pg.streams.name is
    'Name of the stream, unique in its run only.';
comment on column workflow_pg.streams.place is
    'Order of creation in its run; those created at the same moment share a place and are ordered by name.';
comment on column workflow_pg.streams.chunk_count is
    'How many chunks it has, which is the index that the next one gets.';
comment on column workflow_pg.streams.created_at is
    'When it was first written to or closed.';
comment on column workflow_pg.streams.closed_at is
    'When it was closed, once and for good; null while it is open.';

create index streams_run_id_place_name_idx
    on workflow_pg.streams (run_id, place, name);
comment on index workflow_pg.streams_run_id_place_name_idx is
    'For lists in the order of creation. No column of it ever changes, so updates stay HOT.';

create table workflow_pg.stream_chunks (
    run_id  text collate "C"  not null,
    name    text collate "C"  not null,
    index   bigint            not null,
    data    bytea             not null,

    constraint stream_chunks_pkey
        primary key (run_id, name, index)
);

comment on table workflow_pg.stream_chunks is
    'What was written to streams: append-only, dense from 0. Chunks are no events and are not replayed.';
comment on column workflow_pg.stream_chunks.run_id is
    'The run of the stream.';
comment on column workflow_pg.stream_chunks.name is
    'The stream.';
comment on column workflow_pg.stream_chunks.index is
    'Position: 0, 1, 2, ... in commit order, because it is taken under the lock of the stream''s row.';
comment on column workflow_pg.stream_chunks.data is
    'The bytes of one write, at most 16 MiB; empty bytes hold an index too.';

create table workflow_pg_private.stream_writers (
    run_id       text collate "C"  not null,
    name         text collate "C"  not null,
    writer       text collate "C"  not null,
    seq          bigint            not null,
    first_index  bigint            not null,
    written_at   timestamptz       not null,
    digest       bytea             not null,

    constraint stream_writers_pkey
        primary key (run_id, name, writer)
) with (fillfactor = 70);

comment on table workflow_pg_private.stream_writers is
    'The newest write of each writer that numbers its writes, so that a repeat of it is told its first answer. One row per writer, not per write. It goes when it is an hour old and the stream is closed or the run is final.';
comment on column workflow_pg_private.stream_writers.run_id is
    'The run of the stream.';
comment on column workflow_pg_private.stream_writers.name is
    'The stream.';
comment on column workflow_pg_private.stream_writers.writer is
    'Drawn by the writer, which has at most one write under way.';
comment on column workflow_pg_private.stream_writers.seq is
    'Number of its newest write.';
comment on column workflow_pg_private.stream_writers.first_index is
    'Index of the first chunk of that write.';
comment on column workflow_pg_private.stream_writers.written_at is
    'Time of that write.';
comment on column workflow_pg_private.stream_writers.digest is
    'sha256 over the chunks of that write.';

create table workflow_pg_private.stream_readers (
    run_id      text collate "C"  not null,
    name        text collate "C"  not null,
    reader_id   text collate "C"  not null,
    next_index  bigint            not null,
    expires_at  timestamptz       not null,

    constraint stream_readers_pkey
        primary key (run_id, name, reader_id)
) with (fillfactor = 50);

comment on table workflow_pg_private.stream_readers is
    'Who waits for more of a stream and wants to be notified. Only a hint comes of it: readers poll all the same.';
comment on column workflow_pg_private.stream_readers.run_id is
    'The run of the stream, which need not exist yet.';
comment on column workflow_pg_private.stream_readers.name is
    'The stream, which need not exist yet.';
comment on column workflow_pg_private.stream_readers.reader_id is
    'Drawn by the reader; the payload of its notifications.';
comment on column workflow_pg_private.stream_readers.next_index is
    'The chunk it waits for.';
comment on column workflow_pg_private.stream_readers.expires_at is
    'After that it is not notified any more, unless it has announced itself again.';

create type workflow_pg.stream_detail as (
    run_id      text,
    name        text,
    tail_index  bigint,
    created_at  timestamptz,
    closed_at   timestamptz
);
comment on type workflow_pg.stream_detail is
$$A stream, without its chunks.

tail_index  index of the last chunk; -1 when there is none
created_at  null when nobody has written to it or closed it yet
closed_at   null while it is open$$;

create type workflow_pg.stream_write as (
    run_id       text,
    name         text,
    first_index  bigint,
    chunk_count  integer,
    is_closed    boolean
);
comment on type workflow_pg.stream_write is
$$What a write did.

first_index  index of its first chunk; null when it wrote nothing
chunk_count  how many chunks it wrote
is_closed    whether it was ignored because the stream is closed$$;

create type workflow_pg.stream_page as (
    first_index  bigint,
    chunks       bytea[],
    tail_index   bigint,
    is_closed    boolean
);
comment on type workflow_pg.stream_page is
$$Consecutive chunks of a stream, and how it stood at that moment.

first_index  index of the first chunk, or of the one that would be
chunks       the chunks, without gaps; empty when there is none from first_index on yet
tail_index   index of the last chunk of the stream; -1 when there is none
is_closed    whether no chunk will ever come after tail_index$$;
