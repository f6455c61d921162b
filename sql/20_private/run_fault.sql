-- What is wrong with an event of a run that has moved nothing?

create or replace function workflow_pg_private.run_fault(
    p_event       workflow_pg.event_type,
    p_run_id      text,
    p_run_status  workflow_pg.run_status
)
returns workflow_pg_private.fault
language plpgsql stable
as $$
declare
    v_outcome text;
begin
    select t.outcome
      into v_outcome
      from workflow_pg.run_transitions as t
     where t.event_type = p_event
       and t.run_status is not distinct from p_run_status;

    if v_outcome = 'ok' then
        -- The guard found no run to move, and now there is one: it has just been created.
        raise exception using
            errcode = '40001',
            message = format('run %s was created while %s was being refused', p_run_id, p_event),
            hint    = 'Repeat the call.';
    elsif v_outcome = 'no_op' then
        return null;
    end if;

    return workflow_pg_private.transition_fault(
        v_outcome, p_event, p_run_id, p_run_status, 'run', p_run_id, p_run_status::text);
end;
$$;

comment on function workflow_pg_private.run_fault is
    'WF404, WF409 or WF410 as run_transitions says, null when the event is a no-op. Raises 40001 when the run has just been created.';
