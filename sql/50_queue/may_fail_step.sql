-- Would the machine let this step fail?

create or replace function workflow_pg_private.may_fail_step(
    p_run   workflow_pg.runs,
    p_step  workflow_pg.steps
)
returns boolean
language plpgsql stable
as $$
begin
    return exists (select
                     from workflow_pg.step_transitions as t
                    where t.event_type = 'step_failed'
                      and t.run_status = p_run.status
                      and t.step_status = p_step.status
                      and t.outcome = 'ok');
end;
$$;

comment on function workflow_pg_private.may_fail_step is
    'Whether step_failed is legal for the step as it and its run are.';
