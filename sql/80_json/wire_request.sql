-- Take the event that a caller wants to have appended apart.
--
-- What is wrong with a part is found by the function that gets it; here only what JSON can
-- get wrong is.

create or replace function workflow_pg_private.wire_request(
    p_event    jsonb,
    p_payload  bytea,
    p_params   jsonb,
    out event_type      text,
    out correlation_id  text,
    out facts           jsonb,
    out payload         bytea,
    out codec           workflow_pg.payload_codec,
    out spec_version    integer
)
returns record
language plpgsql stable
as $$
declare
    v_value  jsonb;
    v_key    text;
begin
    perform workflow_pg_private.wire_object('event', p_event);
    event_type     := workflow_pg_private.wire_text(p_event, 'eventType');
    correlation_id := workflow_pg_private.wire_text(p_event, 'correlationId');
    spec_version   := workflow_pg_private.wire_small(p_event, 'specVersion', 7);
    facts          := coalesce(workflow_pg_private.wire_object('eventData', p_event -> 'eventData'), '{}');
    v_key          := coalesce(workflow_pg_private.wire_payload_key(event_type), '');
    v_value        := facts -> v_key;
    facts          := workflow_pg_private.wire_facts(facts - v_key);

    if v_key = 'error' then
        v_value := workflow_pg_private.wire_error_in(v_value, facts -> 'stack');
    end if;
    if event_type = 'hook_received' then
        facts := facts || workflow_pg_private.wire_compact(jsonb_build_object(
            'resumeId', workflow_pg_private.wire_text(p_params, 'resumeId'),
            'resumePayloadDigest', workflow_pg_private.wire_text(p_params, 'resumePayloadDigest')));
    end if;

    if v_value is not null and p_payload is not null then
        perform workflow_pg_private.refuse(
            'WF400', format('%s has its payload twice: in eventData, and beside the event', event_type),
            jsonb_build_object('argument', 'payload'));
    elsif p_payload is not null or v_value is null then
        payload := p_payload;
        codec   := 'opaque';
    elsif workflow_pg_private.wire_is_bytes(v_value) then
        payload := workflow_pg_private.wire_decode(v_value, v_key);
        codec   := 'opaque';
    else
        payload := convert_to(v_value::text, 'UTF8');
        codec   := 'json';
    end if;
end;
$$;

comment on function workflow_pg_private.wire_request is
    'The parts of an event in camel case as append_event takes them; p_payload is its payload when that is not in eventData; of p_params those are taken that are facts. Raises WF400.';
