-- An event as the protocol writes it.

create or replace function workflow_pg_private.wire_event(
    p_event  workflow_pg.event_detail,
    p_all    boolean
)
returns jsonb
language plpgsql stable
as $$
declare
    v_key   constant text  := workflow_pg_private.wire_payload_key(p_event.event_type::text);
    v_event constant jsonb := workflow_pg_private.wire_compact(jsonb_build_object(
        'runId', p_event.run_id,
        'eventId', p_event.event_id,
        'eventType', p_event.event_type,
        'correlationId', p_event.correlation_id,
        'specVersion', p_event.spec_version,
        'createdAt', workflow_pg_private.wire_iso(p_event.created_at),
        'resumeId', p_event.facts -> 'resumeId'));
    v_data           jsonb := coalesce(p_event.facts - 'resumeId', '{}');
    v_payload        jsonb;
begin
    if p_all and v_key is not null and p_event.payload is not null then
        v_payload := workflow_pg_private.wire_payload(p_event.codec, p_event.payload);
        v_data    := v_data || case when v_key = 'error' then workflow_pg_private.wire_error_out(v_payload)
                                    else jsonb_build_object(v_key, v_payload) end;
    end if;

    -- Of these the protocol wants their data, even where there is nothing to say.
    if v_data = '{}'
       and not (p_all and p_event.event_type not in ('run_started', 'run_cancelled', 'hook_disposed', 'wait_completed'))
    then
        return v_event;
    end if;

    return v_event || jsonb_build_object('eventData', v_data);
end;
$$;

comment on function workflow_pg_private.wire_event is
    'An event in camel case, with its payload in eventData when p_all; what is null is absent.';
