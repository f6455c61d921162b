-- A boolean out of JSON that a caller gave.

create or replace function workflow_pg_private.wire_flag(
    p_object   jsonb,
    p_key      text,
    p_default  boolean
)
returns boolean
language plpgsql immutable
as $$
begin
    if jsonb_typeof(p_object -> p_key) not in ('boolean', 'null') then
        perform workflow_pg_private.refuse(
            'WF400', format('%s is malformed: true or false is needed, not %s', p_key, jsonb_typeof(p_object -> p_key)),
            jsonb_build_object('argument', p_key));
    end if;

    return coalesce((p_object ->> p_key)::boolean, p_default);
end;
$$;

comment on function workflow_pg_private.wire_flag is
    'p_object ->> p_key as a boolean, p_default when it is absent. Raises WF400 when it is none.';
