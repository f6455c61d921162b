-- What is wrong with an event that is to be appended, whatever it is of?

create or replace function workflow_pg_private.append_fault(
    p_event           workflow_pg.event_type,
    p_correlation_id  text,
    p_codec           workflow_pg.payload_codec,
    p_payload         bytea
)
returns workflow_pg_private.fault
language plpgsql immutable
as $$
declare
    c_payload_limit constant integer := 16777216;
begin
    if p_correlation_id is null and p_event >= 'step_created' then
        return workflow_pg_private.new_fault(
            'WF400', format('%s needs a correlation id', p_event),
            jsonb_build_object('argument', 'correlation id'));
    elsif octet_length(p_payload) > c_payload_limit then
        return workflow_pg_private.new_fault(
            'WF413',
            format('the payload of %s has %s bytes: at most %s are allowed', p_event, octet_length(p_payload), c_payload_limit),
            jsonb_build_object('bytes', octet_length(p_payload), 'limit', c_payload_limit),
            'Store it elsewhere and pass a reference.');
    elsif p_codec is null then
        return workflow_pg_private.new_fault(
            'WF400', 'a payload needs a codec: opaque, cbor or json', jsonb_build_object('argument', 'codec'));
    elsif p_codec = 'json' and not workflow_pg_private.is_json(p_payload) then
        return workflow_pg_private.new_fault(
            'WF400', 'the payload is not JSON in UTF-8, though its codec says so',
            jsonb_build_object('argument', 'payload'));
    end if;

    return null;
end;
$$;

comment on function workflow_pg_private.append_fault is
    'WF400 an id or a codec is missing or the payload is not what its codec says, WF413 it is over 16 MiB; else null.';
