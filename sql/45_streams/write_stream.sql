-- Append chunks to a stream, which the first write creates.

create or replace function workflow_pg.write_stream(
    p_run_id  text,
    p_name    text,
    p_chunks  bytea[],
    p_writer  text default null,
    p_seq     bigint default null
)
returns workflow_pg.stream_write
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count constant integer := cardinality(p_chunks);
    v_digest         bytea;
    v_first          bigint;
    v_repeated       bigint;
begin
    perform workflow_pg_private.check_stream(p_run_id, p_name);
    perform workflow_pg_private.check_chunks(p_chunks);
    perform workflow_pg_private.check_writer(p_writer, p_seq);
    if v_count = 0 then
        return (p_run_id, p_name, null::bigint, 0, false);
    end if;

    v_first := workflow_pg_private.number_chunks(p_run_id, p_name, v_count);

    if p_writer is not null then
        -- Under the lock, so a first try that is still under way is over by now.
        v_digest := sha256(array_send(p_chunks));
        v_repeated := workflow_pg_private.repeated_write(p_run_id, p_name, p_writer, p_seq, v_digest);
    end if;

    if v_repeated is not null then
        -- Nobody has seen the indexes that were taken in vain.
        update workflow_pg.streams as s
           set chunk_count = s.chunk_count - v_count
         where s.run_id = p_run_id
           and s.name = p_name
           and s.closed_at is null;
        return (p_run_id, p_name, v_repeated, v_count, false);
    elsif v_first is null then
        return (p_run_id, p_name, null::bigint, 0, true);
    end if;

    insert into workflow_pg.stream_chunks (run_id, name, index, data)
    select p_run_id, p_name, v_first + c.place - 1, c.data
      from unnest(p_chunks) with ordinality as c (data, place);

    if p_writer is not null then
        insert into workflow_pg_private.stream_writers
               (run_id, name, writer, seq, first_index, written_at, digest)
        values (p_run_id, p_name, p_writer, p_seq, v_first, workflow_pg_private.clock(), v_digest)
            on conflict (run_id, name, writer) do update
           set seq         = excluded.seq,
               first_index = excluded.first_index,
               written_at  = excluded.written_at,
               digest      = excluded.digest;
    end if;

    perform workflow_pg_private.notify_readers(p_run_id, p_name, v_first, v_first + v_count);
    return (p_run_id, p_name, v_first, v_count, false);
end;
$$;

comment on function workflow_pg.write_stream is
$$Append chunks to a stream in one operation, in order, each under an index of its own. Durable when
it returns. A write to a closed stream is ignored and says so: it is no error, because a step whose
worker died after it had closed its stream begins again. All streams of a run that was purged are closed.

p_run_id  the run, 1 to 255 bytes; it need not exist
p_name    the stream, 1 to 1024 bytes; the first write creates it
p_chunks  0 to 1000 chunks of at most 16 MiB, together at most 64 MiB; an empty list does nothing,
          an empty chunk holds an index
p_writer  drawn by a writer that has one write under way at a time: makes a repeat of its newest
          write return the first answer, 1 to 255 bytes; null: a repeat is another write
p_seq     number of the write, higher than that of the writer's write before
returns   where the chunks are; first_index is null when nothing was written
raises    WF400, WF409 the number stands for other chunks or for a write before the newest, WF413$$;
