-- Say why the machine refuses an event. Never returns.
--
-- Called on the slow path, after a guard has matched nothing. The guard and the view
-- are two forms of one law; where they ever disagree, this fails loudly instead of
-- letting an event be written without the move it stands for.

create or replace function workflow_pg_private.refuse_transition(
    p_outcome        text,
    p_event          workflow_pg.event_type,
    p_run_id         text,
    p_run_status     workflow_pg.run_status,
    p_entity         text,
    p_entity_id      text,
    p_entity_status  text
)
returns void
language plpgsql stable
as $$
begin
    if p_outcome not like 'WF%' then
        raise exception using
            errcode = 'XX000',
            message = format('guard and machine disagree: %s of %s is %s there', p_event,
                             case when p_entity = 'run' then format('run %s', p_run_id)
                                  else format('%s %s of run %s', p_entity, p_entity_id, p_run_id) end,
                             p_outcome);
    end if;

    perform workflow_pg_private.refuse_fault(workflow_pg_private.transition_fault(
        p_outcome, p_event, p_run_id, p_run_status, p_entity, p_entity_id, p_entity_status));
end;
$$;

comment on function workflow_pg_private.refuse_transition is
    'Raise p_outcome (WF404, WF409, WF410) in one sentence; XX000 when p_outcome is no refusal.';
