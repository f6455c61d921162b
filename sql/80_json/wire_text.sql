-- A text out of JSON that a caller gave.

create or replace function workflow_pg_private.wire_text(
    p_object  jsonb,
    p_key     text
)
returns text
language plpgsql immutable
as $$
begin
    if jsonb_typeof(p_object -> p_key) not in ('string', 'null') then
        perform workflow_pg_private.refuse(
            'WF400', format('%s is malformed: a text is needed, not %s', p_key, jsonb_typeof(p_object -> p_key)),
            jsonb_build_object('argument', p_key));
    end if;

    return p_object ->> p_key;
end;
$$;

comment on function workflow_pg_private.wire_text is
    'p_object ->> p_key; null when it is absent. Raises WF400 when it is no text.';
