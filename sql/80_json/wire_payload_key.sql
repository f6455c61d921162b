-- What the payload of an event is called in its eventData.

create or replace function workflow_pg_private.wire_payload_key(p_event_type text)
returns text
language plpgsql immutable
as $$
begin
    return case when p_event_type in ('run_created', 'run_started', 'step_created', 'step_started') then 'input'
                when p_event_type = 'run_completed' then 'output'
                when p_event_type = 'step_completed' then 'result'
                when p_event_type in ('run_failed', 'step_failed', 'step_retrying') then 'error'
                when p_event_type = 'hook_created' then 'metadata'
                when p_event_type = 'hook_received' then 'payload' end;
end;
$$;

comment on function workflow_pg_private.wire_payload_key is
    'input, output, result, error, metadata or payload; null for events that have none.';
