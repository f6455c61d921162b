-- Why the machine refuses an event, in one sentence.

create or replace function workflow_pg_private.transition_fault(
    p_outcome        text,
    p_event          workflow_pg.event_type,
    p_run_id         text,
    p_run_status     workflow_pg.run_status,
    p_entity         text,
    p_entity_id      text,
    p_entity_status  text
)
returns workflow_pg_private.fault
language plpgsql stable
as $$
declare
    v_run     constant text  := format('run %s', p_run_id);
    v_what    constant text  := case when p_entity = 'run' then v_run
                                     else format('%s %s of %s', p_entity, p_entity_id, v_run) end;
    v_status  constant text  := coalesce(p_entity_status, p_run_status::text);
    v_detail  constant jsonb := jsonb_build_object(
        'event', p_event, 'run_id', p_run_id, 'run_status', p_run_status,
        'entity', case when p_run_status is null then 'run' else p_entity end,
        'id', case when p_run_status is null then p_run_id else p_entity_id end,
        'status', p_entity_status);
begin
    if p_run_status is null then
        return workflow_pg_private.new_fault(
            'WF404', v_run || ' does not exist', v_detail,
            'Check the run id and that this is the right database.');
    elsif p_outcome = 'WF404' and p_entity_status is null then
        return workflow_pg_private.new_fault(
            p_outcome, v_what || ' does not exist', v_detail);
    elsif p_outcome = 'WF410' or p_entity_status is null then
        return workflow_pg_private.new_fault(
            p_outcome, format('%s is not allowed: %s is %s', p_event, v_run, p_run_status), v_detail);
    end if;

    return workflow_pg_private.new_fault(
        p_outcome, format('%s is not allowed: %s is %s', p_event, v_what, v_status), v_detail);
end;
$$;

comment on function workflow_pg_private.transition_fault is
    'The fault of code p_outcome (WF404, WF409, WF410) that a cell of the machine stands for.';
