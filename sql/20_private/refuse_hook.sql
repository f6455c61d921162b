-- Why a hook event moved nothing. Never returns.

create or replace function workflow_pg_private.refuse_hook(
    p_event    workflow_pg.event_type,
    p_run_id   text,
    p_hook_id  text
)
returns void
language plpgsql volatile
as $$
declare
    v_run_status  workflow_pg.run_status;
    v_status      workflow_pg.hook_status;
    v_outcome     text;
begin
    select r.status
      into v_run_status
      from workflow_pg.runs as r
     where r.run_id = p_run_id;

    select e.status
      into v_status
      from workflow_pg.hooks as e
     where e.run_id = p_run_id
       and e.hook_id = p_hook_id;

    select t.outcome
      into v_outcome
      from workflow_pg.hook_transitions as t
     where t.event_type = p_event
       and t.run_status is not distinct from v_run_status
       and t.hook_status is not distinct from v_status;

    perform workflow_pg_private.refuse_transition(
        v_outcome, p_event, p_run_id, v_run_status, 'hook', p_hook_id, v_status::text);
end;
$$;

comment on function workflow_pg_private.refuse_hook is
    'Raises WF404, WF409 or WF410 as hook_transitions says.';
