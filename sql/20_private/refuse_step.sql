-- Why a step event moved nothing. Never returns.

create or replace function workflow_pg_private.refuse_step(
    p_event       workflow_pg.event_type,
    p_run_id      text,
    p_step_id     text,
    p_with_input  boolean default false
)
returns void
language plpgsql volatile
as $$
declare
    v_run_status  workflow_pg.run_status;
    v_status      workflow_pg.step_status;
    v_outcome     text;
begin
    select r.status
      into v_run_status
      from workflow_pg.runs as r
     where r.run_id = p_run_id;

    select e.status
      into v_status
      from workflow_pg.steps as e
     where e.run_id = p_run_id
       and e.step_id = p_step_id;

    select t.outcome
      into v_outcome
      from workflow_pg.step_transitions as t
     where t.event_type = p_event
       and t.with_input = p_with_input
       and t.run_status is not distinct from v_run_status
       and t.step_status is not distinct from v_status;

    perform workflow_pg_private.refuse_transition(
        v_outcome, p_event, p_run_id, v_run_status, 'step', p_step_id, v_status::text);
end;
$$;

comment on function workflow_pg_private.refuse_step is
    'Raises WF404, WF409 or WF410 as step_transitions says; p_with_input is for step_started.';
