-- Bytes as the protocol writes them in JSON.

create or replace function workflow_pg_private.wire_bytes(p_bytes bytea)
returns jsonb
language plpgsql immutable
as $$
begin
    -- encode() breaks lines after 76 characters, which strict decoders refuse.
    return case when p_bytes is not null
                then jsonb_build_object('__type', 'Uint8Array', 'data', translate(encode(p_bytes, 'base64'), E'\n', '')) end;
end;
$$;

comment on function workflow_pg_private.wire_bytes is
    '{"__type": "Uint8Array", "data": base64 in one line}; null for null.';
