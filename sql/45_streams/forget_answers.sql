-- Forget what health checks were answered.
--
-- Their runs never were, so no end of a run will take these streams along.

create or replace function workflow_pg_private.forget_answers(p_now timestamptz)
returns integer
language plpgsql volatile
as $$
declare
    v_answers integer;
begin
    with gone as (
        delete from workflow_pg.streams as s
         where s.run_id like 'wrun\_hc\_%'
           and s.name like '\_\_health\_check\_\_%'
           and s.created_at < p_now - interval '1 hour'
     returning s.run_id, s.name
    ), chunks as (
        delete from workflow_pg.stream_chunks as c
         using gone as g
         where c.run_id = g.run_id
           and c.name = g.name
    ), writers as (
        delete from workflow_pg_private.stream_writers as w
         using gone as g
         where w.run_id = g.run_id
           and w.name = g.name
    )
    select count(*)::integer
      into v_answers
      from gone;

    return v_answers;
end;
$$;

comment on function workflow_pg_private.forget_answers is
    'Delete the streams, an hour old, on which health checks were answered. Returns how many.';
