-- Does the version of a run let it take an event?

create or replace function workflow_pg_private.version_fault(
    p_event         workflow_pg.event_type,
    p_run_id        text,
    p_spec_version  integer,
    p_run_status    workflow_pg.run_status,
    p_is_batch      boolean default false
)
returns workflow_pg_private.fault
language plpgsql stable
as $$
declare
    v_detail  constant jsonb := jsonb_build_object(
        'event', p_event, 'run_id', p_run_id, 'run_status', p_run_status, 'spec_version', p_spec_version);
    v_outcome text;
begin
    if p_spec_version > 7 then
        return workflow_pg_private.new_fault(
            'WF426', format('run %s has spec version %s: 1 to 7 are supported', p_run_id, p_spec_version), v_detail,
            'A newer release has written it. Upgrade this database with that release: workflow-pg migrate up.');
    elsif p_spec_version > 1 or p_spec_version is null then
        return null;
    end if;

    select t.outcome
      into v_outcome
      from workflow_pg.legacy_transitions as t
     where t.event_type = p_event
       and t.run_status = p_run_status;

    if v_outcome = 'WF426' or p_is_batch then
        return workflow_pg_private.new_fault(
            'WF426', format('%s is not allowed: run %s is legacy, of spec version 1', p_event, p_run_id), v_detail,
            'A legacy run takes run_cancelled, hook_received and wait_completed, each in a call of its own.');
    elsif v_outcome in ('ok', 'no_op') then
        return null;
    end if;

    return workflow_pg_private.transition_fault(
        v_outcome, p_event, p_run_id, p_run_status, 'run', p_run_id, p_run_status::text);
end;
$$;

comment on function workflow_pg_private.version_fault is
    'WF426 for a run of spec version over 7; for a legacy one what legacy_transitions says; else, and without a run, null. A legacy run takes no batch.';
