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
    v_seconds     bigint;
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
        v_seconds := ceil(extract(epoch from v_retry_after - p_now))::bigint;
        perform workflow_pg_private.refuse(
            'WF425',
            format('step %s of run %s may not start for another %s s', p_step_id, p_run.run_id, v_seconds),
            jsonb_build_object('entity', 'step', 'run_id', p_run.run_id, 'id', p_step_id,
                               'retry_after', v_seconds));
    end if;
end;
$$;

comment on function workflow_pg_private.refuse_early_step is
    'Raises WF425 with retry_after (whole seconds, rounded up) for a step of a live run whose retry_after lies ahead.';
