-- Is this argument the JSON object, or array, that it has to be?

create or replace function workflow_pg_private.wire_object(
    p_what   text,
    p_value  jsonb,
    p_type   text default 'object'
)
returns jsonb
language plpgsql immutable
as $$
begin
    if p_value is null or p_value = 'null'::jsonb then
        return null;
    elsif jsonb_typeof(p_value) <> p_type then
        perform workflow_pg_private.refuse(
            'WF400', format('%s is malformed: a JSON %s is needed, not %s', p_what, p_type, jsonb_typeof(p_value)),
            jsonb_build_object('argument', p_what));
    end if;

    return p_value;
end;
$$;

comment on function workflow_pg_private.wire_object is
    'p_value, null for JSON''s null. Raises WF400 when it is of another type than p_type.';
