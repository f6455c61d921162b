-- How a stream stands, whether anybody has written to it or not.

create or replace function workflow_pg_private.stream_state(
    p_run_id  text,
    p_name    text
)
returns workflow_pg.stream_detail
language plpgsql stable
as $$
declare
    v_stream workflow_pg.stream_detail;
begin
    select s.run_id, s.name, s.chunk_count - 1, s.created_at, s.closed_at
      into v_stream
      from workflow_pg.streams as s
     where s.run_id = p_run_id
       and s.name = p_name;

    if not found then
        v_stream := (p_run_id, p_name, -1::bigint, null::timestamptz, null::timestamptz);
    end if;

    return v_stream;
end;
$$;

comment on function workflow_pg_private.stream_state is
    'The stream; one that nobody has written to or closed is empty and open.';
