-- May this run be deleted, or its payloads?

create or replace function workflow_pg_private.refuse_removal(
    p_run_id  text,
    p_status  workflow_pg.run_status,
    p_held    workflow_pg_private.messages,
    p_what    text
)
returns void
language plpgsql stable
as $$
declare
    v_detail constant jsonb := jsonb_build_object(
        'entity', 'run', 'id', p_run_id, 'run_id', p_run_id, 'status', p_status);
begin
    if p_status is null then
        perform workflow_pg_private.refuse(
            'WF404', format('run %s does not exist', coalesce(p_run_id, 'null')), v_detail,
            'Check the run id and that this is the right database.');
    elsif p_status < 'completed' then
        perform workflow_pg_private.refuse(
            'WF409', format('run %s is %s: only a run that is over is %s', p_run_id, p_status, p_what), v_detail,
            'Cancel it first.');
    elsif p_held.run_id is not null then
        perform workflow_pg_private.refuse(
            'WF409',
            format('worker %s is still executing %s of run %s', p_held.worker_id,
                   coalesce('step ' || p_held.step_id, 'a replay'), p_run_id),
            v_detail || jsonb_build_object('worker_id', p_held.worker_id, 'lease_until', p_held.lease_until),
            'Repeat it when that is done, or 15 s after the worker was stopped.');
    end if;
end;
$$;

comment on function workflow_pg_private.refuse_removal is
    'Raises WF404 or WF409 unless the run is over and no delivery of it, p_held, is leased.';
