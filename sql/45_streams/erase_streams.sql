-- Take the streams of a run away.

create or replace function workflow_pg_private.erase_streams(p_run_id text)
returns bigint
language plpgsql volatile
as $$
declare
    v_streams bigint;
begin
    delete from workflow_pg.streams as s where s.run_id = p_run_id;
    get diagnostics v_streams = row_count;

    delete from workflow_pg.stream_chunks as c where c.run_id = p_run_id;
    delete from workflow_pg_private.stream_writers as w where w.run_id = p_run_id;
    delete from workflow_pg_private.stream_readers as r where r.run_id = p_run_id;

    return v_streams;
end;
$$;

comment on function workflow_pg_private.erase_streams is
    'Delete the streams of a run with their chunks, writers and readers; how many streams there were.';
