-- Is this JSON bytes, as the protocol writes them?

create or replace function workflow_pg_private.wire_is_bytes(p_value jsonb)
returns boolean
language plpgsql immutable
as $$
begin
    return jsonb_typeof(p_value) = 'object' and p_value -> '__type' = '"Uint8Array"';
end;
$$;

comment on function workflow_pg_private.wire_is_bytes is
    'Whether p_value is an object of __type Uint8Array; null for null, and where there is no __type.';
