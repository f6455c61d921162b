-- Take chunks of a stream out of another database, before its run.

create or replace function workflow_pg.import_stream(
    p_run_id       text,
    p_name         text,
    p_first_index  bigint,
    p_chunks       bytea[],
    p_created_at   timestamptz,
    p_closed_at    timestamptz default null
)
returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_place  constant integer := workflow_pg_private.next_stream_place(p_run_id);
    v_stream          workflow_pg.streams;
begin
    perform workflow_pg_private.check_stream(p_run_id, p_name);
    perform workflow_pg_private.check_chunks(p_chunks);

    perform from workflow_pg.runs as r where r.run_id = p_run_id;
    if found then
        return false;
    end if;

    insert into workflow_pg.streams as s (run_id, name, place, chunk_count, created_at)
    values (p_run_id, p_name, v_place, 0, date_trunc('milliseconds', p_created_at))
        on conflict (run_id, name) do update set chunk_count = s.chunk_count
 returning s.*
      into v_stream;

    if v_stream.closed_at is not null then
        return true;
    elsif v_stream.chunk_count < p_first_index then
        perform workflow_pg_private.refuse(
            'WF409', format('stream %s of run %s has %s chunks: chunk %s cannot follow', p_name, p_run_id,
                            v_stream.chunk_count, p_first_index),
            jsonb_build_object('run_id', p_run_id, 'entity', 'stream', 'id', p_name));
    end if;

    insert into workflow_pg.stream_chunks (run_id, name, index, data)
    select p_run_id, p_name, p_first_index + c.place - 1, c.data
      from unnest(p_chunks) with ordinality as c (data, place)
     where p_first_index + c.place > v_stream.chunk_count;

    update workflow_pg.streams as s
       set chunk_count = greatest(s.chunk_count, p_first_index + cardinality(p_chunks)),
           closed_at   = date_trunc('milliseconds', p_closed_at)
     where s.run_id = p_run_id
       and s.name = p_name;

    return true;
end;
$$;

comment on function workflow_pg.import_stream is
$$Take chunks of a stream out of another database. Those that are there already, by their index, are
taken once. Its run is imported after it: when the run is there, nothing is written.

p_run_id       the run, 1 to 255 bytes
p_name         the stream, 1 to 1024 bytes
p_first_index  index of the first chunk
p_chunks       0 to 1000 chunks of at most 16 MiB, together at most 64 MiB
p_created_at   when it was first written to
p_closed_at    when it was closed after these chunks; null while it is open or there are more
returns        false when its run is there, and so is what was taken of it
raises         WF400, WF409 chunks before these are missing, WF413$$;
