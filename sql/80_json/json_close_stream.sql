-- Close a stream for good, answered as JSON.

create or replace function workflow_pg.json_close_stream(
    p_run_id  text,
    p_name    text
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_stream workflow_pg.stream_detail;
begin
    v_stream := workflow_pg.close_stream(workflow_pg_private.wire_stream_run(p_run_id, p_name), p_name);
    return jsonb_build_object('tailIndex', v_stream.tail_index, 'done', v_stream.closed_at is not null);
end;
$$;

comment on function workflow_pg.json_close_stream is
$$Close a stream: no chunk is ever added to it again, and its readers end. Closing it again changes
nothing and is no error.

p_run_id  the run, which need not exist; null where the name says it: strm_<ULID>_...
p_name    the stream, 1 to 1024 bytes
returns   {tailIndex, done}; tailIndex is -1 when it has no chunk
raises    WF400$$;
