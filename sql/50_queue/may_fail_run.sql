-- Would the machine let this run fail?

create or replace function workflow_pg_private.may_fail_run(p_run workflow_pg.runs)
returns boolean
language plpgsql stable
as $$
begin
    return exists (select
                     from workflow_pg.run_transitions as t
                    where t.event_type = 'run_failed'
                      and t.run_status = p_run.status
                      and t.outcome = 'ok');
end;
$$;

comment on function workflow_pg_private.may_fail_run is
    'Whether run_failed is legal for the run as it is.';
