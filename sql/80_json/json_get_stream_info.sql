-- How far a stream is, as JSON.

create or replace function workflow_pg.json_get_stream_info(
    p_run_id  text,
    p_name    text
)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_stream workflow_pg.stream_detail;
begin
    v_stream := workflow_pg.get_stream(workflow_pg_private.wire_stream_run(p_run_id, p_name), p_name);
    return jsonb_build_object('tailIndex', v_stream.tail_index, 'done', v_stream.closed_at is not null);
end;
$$;

comment on function workflow_pg.json_get_stream_info is
$$How far a stream is, and whether it is closed. One that nobody has written to is empty and open.

p_run_id  the run; null where the name says it: strm_<ULID>_...
p_name    the stream, 1 to 1024 bytes
returns   {tailIndex, done}; tailIndex is -1 when it has no chunk
raises    WF400$$;
