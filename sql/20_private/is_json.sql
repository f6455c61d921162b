-- Is a payload that claims to be JSON really JSON?
--
-- The exception block is a subtransaction; it is paid only by payloads of codec json,
-- which no SDK writes. IS JSON would do without, from PostgreSQL 16 on.

create or replace function workflow_pg_private.is_json(p_payload bytea)
returns boolean
language plpgsql immutable
as $$
begin
    perform convert_from(p_payload, 'UTF8')::json;
    return true;
exception
    when invalid_text_representation or character_not_in_repertoire or statement_too_complex then
        return false;
end;
$$;

comment on function workflow_pg_private.is_json is
    'Whether p_payload is JSON in UTF-8; true for null.';
