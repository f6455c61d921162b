-- Will every live run be woken?
--
-- maintain() mends after 10 s what it finds. What is here after a minute has not been mended.

create or replace function workflow_pg_private.diagnose_runs(p_now timestamptz)
returns setof workflow_pg.finding
language plpgsql stable
as $$
declare
    v_runs  bigint;
    v_first text;
begin
    select count(distinct u.run_id), min(u.run_id)
      into v_runs, v_first
      from workflow_pg_private.find_unwakeable('', null, p_now - interval '1 minute') as u;

    return query
    select 'runs',
           case when v_runs > 0 then 'problem' else 'ok' end::workflow_pg.severity,
           case when v_runs > 0 then format('live runs that would never be woken: %s, %s for one', v_runs, v_first)
                else 'every live run will be woken' end,
           case when v_runs > 0
                then 'A live worker mends this within a minute; else `workflow-pg runs wake RUN`, and please report it.' end,
           jsonb_build_object('unwakeable', v_runs);
end;
$$;

comment on function workflow_pg_private.diagnose_runs is
    'Finding runs: live runs without an event for a minute that nothing would wake.';
