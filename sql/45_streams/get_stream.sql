-- One stream, without its chunks.

create or replace function workflow_pg.get_stream(
    p_run_id  text,
    p_name    text
)
returns workflow_pg.stream_detail
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform workflow_pg_private.check_stream(p_run_id, p_name);
    return workflow_pg_private.stream_state(p_run_id, p_name);
end;
$$;

comment on function workflow_pg.get_stream is
$$How far a stream is and whether it is closed. One that nobody has written to is empty and open.

p_run_id  the run, 1 to 255 bytes
p_name    the stream, 1 to 1024 bytes
returns   the stream
raises    WF400$$;
