-- Close a stream for good.

create or replace function workflow_pg.close_stream(
    p_run_id  text,
    p_name    text
)
returns workflow_pg.stream_detail
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now timestamptz;
begin
    perform workflow_pg_private.check_stream(p_run_id, p_name);

    -- The lock first, so that it is not closed before it was last written to.
    perform
       from workflow_pg.streams as s
      where s.run_id = p_run_id
        and s.name = p_name
        for no key update;
    v_now := workflow_pg_private.clock();

    insert into workflow_pg.streams as s (run_id, name, place, chunk_count, created_at, closed_at)
    values (p_run_id, p_name, workflow_pg_private.next_stream_place(p_run_id), 0, v_now, v_now)
        on conflict (run_id, name) do update
       set closed_at = excluded.closed_at
     where s.closed_at is null;

    if found then
        perform workflow_pg_private.notify_readers(p_run_id, p_name, null, null);
    end if;

    return workflow_pg_private.stream_state(p_run_id, p_name);
end;
$$;

comment on function workflow_pg.close_stream is
$$Close a stream: no chunk is ever added to it again, and its readers end. Closing it again changes
nothing and is no error; closing one that nobody has written to leaves an empty, closed stream.

p_run_id  the run, 1 to 255 bytes; it need not exist
p_name    the stream, 1 to 1024 bytes
returns   the stream
raises    WF400$$;
