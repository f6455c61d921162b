-- The door for callers who have an event as JSON.
--
-- Nothing is decided here: append_event does.

create or replace function workflow_pg.json_create_event(
    p_run_id   text,
    p_event    jsonb,
    p_params   jsonb default null,
    p_payload  bytea default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_all  constant boolean := workflow_pg_private.wire_resolve(p_params);
    v_echo constant boolean := workflow_pg_private.wire_flag(p_params, 'echo', true);
    r_event         record;
    v_reply         workflow_pg.append_reply;
    v_result        jsonb;
begin
    r_event := workflow_pg_private.wire_request(p_event, p_payload);
    v_reply := workflow_pg.append_event(
        p_run_id, r_event.event_type, r_event.correlation_id, r_event.facts, r_event.payload, r_event.codec,
        r_event.spec_version, workflow_pg_private.wire_text(p_params, 'dedupKey'),
        workflow_pg_private.wire_uuid(p_params, 'leaseToken'), workflow_pg_private.wire_flag(p_params, 'wake', true));
    v_result := workflow_pg_private.wire_reply(v_reply, v_all, v_echo);

    if r_event.event_type = 'run_started' and not workflow_pg_private.wire_flag(p_params, 'skipPreload', false) then
        v_result := v_result || workflow_pg_private.wire_preload(v_reply.run_id, v_all);
    end if;

    return v_result;
end;
$$;

comment on function workflow_pg.json_create_event is
$$Append one event and move what it moves, in the JSON of the World protocol: docs/json-door.md.

p_run_id   the run; null for run_created: an id is drawn
p_event    {eventType, correlationId?, eventData?, specVersion?}; bytes are {"__type": "Uint8Array",
           "data": base64}, times ISO 8601 with zone or milliseconds since 1970
p_params   {resolveData?, echo?, leaseToken?, wake?, dedupKey?, skipPreload?}; others are ignored; null
           for none
p_payload  its payload, when that is not in eventData; null when it is, or when there is none
returns    {event?, run?, step?, hook?, wait?, events?, cursor?, hasMore?}
raises     WF400 a malformed part, and what append_event raises$$;
