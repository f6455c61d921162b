-- Take the chunks of the streams of runs away, and leave the streams.
--
-- They are closed with it, so that a worker that has lost its lease adds nothing any more.

create or replace function workflow_pg_private.empty_streams(
    p_run_ids  text[],
    p_now      timestamptz
)
returns bigint
language plpgsql volatile
as $$
declare
    v_streams bigint;
begin
    update workflow_pg.streams as s
       set closed_at = p_now
     where s.run_id = any (p_run_ids)
       and s.closed_at is null;

    delete from workflow_pg_private.stream_writers as w where w.run_id = any (p_run_ids);

    with gone as (
        delete from workflow_pg.stream_chunks as c
         where c.run_id = any (p_run_ids)
     returning c.run_id, c.name
    )
    select count(distinct (g.run_id, g.name))
      into v_streams
      from gone as g;

    return v_streams;
end;
$$;

comment on function workflow_pg_private.empty_streams is
    'Close the streams of runs and delete their chunks; how many streams had some.';
