-- Is a payload that claims to be JSON really JSON?
--
-- The exception block is a subtransaction; it is paid only by payloads of codec json,
-- which no SDK writes. IS JSON would do without, from PostgreSQL 16 on.

create or replace function workflow_pg_private.check_json(p_payload bytea)
returns void
language plpgsql immutable
as $$
begin
    perform convert_from(p_payload, 'UTF8')::json;
exception
    when invalid_text_representation or character_not_in_repertoire or statement_too_complex then
        perform workflow_pg_private.refuse(
            'WF400',
            'the payload is not JSON in UTF-8, though its codec says so',
            jsonb_build_object('argument', 'payload'));
end;
$$;

comment on function workflow_pg_private.check_json is
    'Raises WF400 unless p_payload is JSON in UTF-8; null passes.';
