-- What is wrong with a retry that begins before its time?

create or replace function workflow_pg_private.early_fault(
    p_run_id       text,
    p_step_id      text,
    p_retry_after  timestamptz,
    p_now          timestamptz
)
returns workflow_pg_private.fault
language plpgsql immutable
as $$
declare
    v_seconds constant bigint := ceil(extract(epoch from p_retry_after - p_now))::bigint;
begin
    return workflow_pg_private.new_fault(
        'WF425',
        format('step %s of run %s may not start for another %s s', p_step_id, p_run_id, v_seconds),
        jsonb_build_object('entity', 'step', 'run_id', p_run_id, 'id', p_step_id, 'retry_after', v_seconds));
end;
$$;

comment on function workflow_pg_private.early_fault is
    'WF425 with retry_after: whole seconds from p_now to p_retry_after, rounded up.';
