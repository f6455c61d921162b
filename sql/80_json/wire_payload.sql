-- A payload as JSON: the value that it is, or its bytes.
--
-- JSON may hold what jsonb cannot: U+0000, or half of a surrogate pair. Then it is bytes. The
-- exception block is a subtransaction; it is paid only by payloads of codec json.

create or replace function workflow_pg_private.wire_payload(
    p_codec    workflow_pg.payload_codec,
    p_payload  bytea
)
returns jsonb
language plpgsql immutable
as $$
begin
    if p_codec = 'json' then
        return convert_from(p_payload, 'UTF8')::jsonb;
    end if;

    return workflow_pg_private.wire_bytes(p_payload);
exception
    when data_exception or statement_too_complex then
        return workflow_pg_private.wire_bytes(p_payload);
end;
$$;

comment on function workflow_pg_private.wire_payload is
    'The value of a payload of codec json, else its bytes as the protocol writes them; null for null.';
