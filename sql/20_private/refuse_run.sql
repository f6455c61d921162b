-- Why a run event moved nothing: refused by the machine, or nothing to do.

create or replace function workflow_pg_private.refuse_run(
    p_event   workflow_pg.event_type,
    p_run_id  text
)
returns workflow_pg.run_status
language plpgsql volatile
as $$
declare
    v_status  workflow_pg.run_status;
    v_outcome text;
begin
    select r.status
      into v_status
      from workflow_pg.runs as r
     where r.run_id = p_run_id
       for no key update;

    select t.outcome
      into v_outcome
      from workflow_pg.run_transitions as t
     where t.event_type = p_event
       and t.run_status is not distinct from v_status;

    if v_outcome = 'ok' then
        -- The guard found no run to move, and now there is one: it has just been created.
        raise exception using
            errcode = '40001',
            message = format('run %s was created while %s was being refused', p_run_id, p_event),
            hint    = 'Repeat the call.';
    elsif v_outcome <> 'no_op' then
        perform workflow_pg_private.refuse_transition(
            v_outcome, p_event, p_run_id, v_status, 'run', p_run_id, v_status::text);
    end if;

    return v_status;
end;
$$;

comment on function workflow_pg_private.refuse_run is
    'Raises WF404, WF409 or WF410 as run_transitions says, 40001 when the run has just been created; returns the status when the event is a no-op.';
