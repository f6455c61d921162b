-- Cancel runs that are older than the log: no event, and none that could say so.

create or replace function workflow_pg_private.cancel_legacy_runs(p_run_ids text[])
returns void
language plpgsql volatile
as $$
declare
    v_now   constant timestamptz := workflow_pg_private.clock();
    v_runs           workflow_pg.runs[];
begin
    with cancelled as (
        update workflow_pg.runs as r
           set status        = 'cancelled',
               completed_at  = greatest(r.last_event_at, v_now)
         where r.run_id = any (p_run_ids)
           and r.status in ('pending', 'running')
           and r.spec_version = 1
     returning r.*
    )
    select array_agg((c.*)::workflow_pg.runs order by c.run_id)
      into v_runs
      from cancelled as c;

    perform workflow_pg_private.end_run(r) from unnest(v_runs) as r;
end;
$$;

comment on function workflow_pg_private.cancel_legacy_runs is
    'Cancel those of the runs, which are locked, that are live and of spec version 1, with their hooks and waits; writes no event.';
