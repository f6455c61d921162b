-- A number out of JSON that a caller gave.

create or replace function workflow_pg_private.wire_number(
    p_object   jsonb,
    p_key      text,
    p_default  numeric default null
)
returns numeric
language plpgsql immutable
as $$
declare
    c_most  constant bigint := 9007199254740991;
    v_value constant jsonb  := p_object -> p_key;
begin
    if v_value is null or v_value = 'null'::jsonb then
        return p_default;
    elsif jsonb_typeof(v_value) <> 'number' or abs((v_value #>> '{}')::numeric) > c_most then
        perform workflow_pg_private.refuse(
            'WF400', format('%s %s is malformed: a number is needed', p_key, left(v_value::text, 60)),
            jsonb_build_object('argument', p_key));
    end if;

    return (v_value #>> '{}')::numeric;
end;
$$;

comment on function workflow_pg_private.wire_number is
    'p_object ->> p_key as a number, p_default when it is absent. Raises WF400 when it is none, or beyond 2^53.';
