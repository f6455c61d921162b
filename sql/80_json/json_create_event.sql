-- The door for callers who have an event as JSON.
--
-- Nothing is decided here: append_event does. A step that is created by starting it goes to
-- its verb, for the time after which it is dispatched: runtimes execute such a step within a
-- delivery, which comes back if they die, so its dispatch is for the worst case and waits. It
-- waits for that delivery itself when the event names it.

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
    v_all   constant boolean := workflow_pg_private.wire_resolve(p_params);
    v_echo  constant boolean := workflow_pg_private.wire_flag(p_params, 'echo', true);
    v_key   constant text    := workflow_pg_private.wire_text(p_params, 'dedupKey');
    v_lease constant uuid    := workflow_pg_private.wire_uuid(p_params, 'leaseToken');
    v_wake  constant boolean := workflow_pg_private.wire_flag(p_params, 'wake', true);
    r_event          record;
    v_owner          text;
    v_is_new         boolean;
    v_step           workflow_pg.step_detail;
    v_reply          workflow_pg.append_reply;
begin
    r_event  := workflow_pg_private.wire_request(p_event, p_payload, p_params);
    v_owner  := r_event.facts ->> 'ownerMessageId';
    v_is_new := r_event.event_type = 'step_started' and r_event.payload is not null;

    if v_is_new then
        v_step  := workflow_pg.start_new_step(
            p_run_id, r_event.correlation_id, r_event.facts ->> 'stepName', r_event.payload, r_event.codec,
            v_owner, r_event.spec_version, v_key,
            workflow_pg_private.wire_seconds(p_params, 'holdSeconds', case when v_owner is null then 3600 else 15 end));
        v_reply := workflow_pg_private.repeated_reply(p_run_id, v_step.seq);
    else
        v_reply := workflow_pg.append_event(
            p_run_id, r_event.event_type, r_event.correlation_id, r_event.facts, r_event.payload, r_event.codec,
            r_event.spec_version, v_key, v_lease, v_wake);
    end if;

    return workflow_pg_private.wire_reply(v_reply, v_all, v_echo)
        || workflow_pg_private.wire_news(v_reply, p_params, v_all)
        || case when v_is_new then '{"stepCreated": true}' else '{}' end::jsonb;
end;
$$;

comment on function workflow_pg.json_create_event is
$$Append one event and move what it moves, in the JSON of the World protocol: docs/json-door.md.

p_run_id   the run; null for run_created: an id is drawn
p_event    {eventType, correlationId?, eventData?, specVersion?}; bytes are {"__type": "Uint8Array",
           "data": base64}, times ISO 8601 with zone or milliseconds since 1970
p_params   {resolveData?, echo?, leaseToken?, wake?, dedupKey?, holdSeconds?, skipPreload?,
           eventCount?, sinceCursor?, preloadEvents?, resumeId?, resumePayloadDigest?}; others are
           ignored; null for none
p_payload  its payload, when that is not in eventData; null when it is, or when there is none
returns    {event?, run?, step?, hook?, wait?, stepCreated?, events?, cursor?, hasMore?}
raises     WF400 a malformed part, and what append_event raises$$;
