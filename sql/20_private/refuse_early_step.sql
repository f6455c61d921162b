-- A value the machine does not know: a retry may not begin before its time.

create or replace function workflow_pg_private.refuse_early_step(
    p_run      workflow_pg.runs,
    p_step_id  text,
    p_now      timestamptz
)
returns void
language plpgsql volatile
as $$
declare
    v_retry_after timestamptz;
begin
    select s.retry_after
      into v_retry_after
      from workflow_pg.steps as s
     where s.run_id = p_run.run_id
       and s.step_id = p_step_id
       and s.status < 'completed'
       and s.retry_after > p_now
       and p_run.status < 'completed';

    if found then
        perform workflow_pg_private.refuse_fault(workflow_pg_private.early_fault(
            p_run.run_id, p_step_id, v_retry_after, p_now));
    end if;
end;
$$;

comment on function workflow_pg_private.refuse_early_step is
    'Raises WF425 with retry_after (whole seconds, rounded up) for a step of a live run whose retry_after lies ahead.';
