-- A lease token out of JSON that a caller gave.

create or replace function workflow_pg_private.wire_uuid(
    p_object  jsonb,
    p_key     text
)
returns uuid
language plpgsql immutable
as $$
declare
    v_text constant text := workflow_pg_private.wire_text(p_object, p_key);
begin
    if v_text !~ '^[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}$' then
        perform workflow_pg_private.refuse(
            'WF400', format('%s %s is malformed: a UUID is needed', p_key, quote_literal(left(v_text, 60))),
            jsonb_build_object('argument', p_key));
    end if;

    return v_text::uuid;
end;
$$;

comment on function workflow_pg_private.wire_uuid is
    'p_object ->> p_key as a UUID; null when it is absent. Raises WF400 when it is none.';
