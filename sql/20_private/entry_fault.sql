-- What is wrong with an entry of a batch, whatever the state is?
--
-- In the order in which the verb of its event looks.

create or replace function workflow_pg_private.entry_fault(
    p_event           workflow_pg.event_type,
    p_correlation_id  text,
    p_facts           jsonb,
    p_codec           workflow_pg.payload_codec,
    p_payload         bytea
)
returns workflow_pg_private.fault
language plpgsql stable
as $$
declare
    v_fault workflow_pg_private.fault;
begin
    if p_event = 'step_created' then
        v_fault := workflow_pg_private.text_fault('step name', p_facts ->> 'stepName', 1024);
        if v_fault.sqlstate is null then
            v_fault := workflow_pg_private.text_fault('step id', p_correlation_id, 255);
        end if;
    elsif p_event = 'step_retrying' and p_facts ->> 'retryAfter' is not null then
        v_fault := workflow_pg_private.fact_time_fault(p_facts, 'retryAfter');
        if v_fault.sqlstate is null then
            v_fault := workflow_pg_private.time_fault('retry_after', (p_facts ->> 'retryAfter')::timestamptz);
        end if;
    elsif p_event = 'wait_created' then
        v_fault := workflow_pg_private.fact_time_fault(p_facts, 'resumeAt');
        if v_fault.sqlstate is null then
            v_fault := workflow_pg_private.time_fault('resume_at', (p_facts ->> 'resumeAt')::timestamptz);
        end if;
        if v_fault.sqlstate is null then
            v_fault := workflow_pg_private.text_fault('wait id', p_correlation_id, 255);
        end if;
    end if;

    if v_fault.sqlstate is null then
        v_fault := workflow_pg_private.append_fault(p_event, p_correlation_id, p_codec, p_payload);
    end if;

    return v_fault;
end;
$$;

comment on function workflow_pg_private.entry_fault is
    'WF400 or WF413 when the verb of the event would refuse these arguments whatever the state is; else null.';
