-- A whole number out of JSON that a caller gave.

create or replace function workflow_pg_private.wire_integer(
    p_object   jsonb,
    p_key      text,
    p_default  bigint default null
)
returns bigint
language plpgsql immutable
as $$
declare
    v_number constant numeric := workflow_pg_private.wire_number(p_object, p_key, p_default);
begin
    if v_number <> trunc(v_number) then
        perform workflow_pg_private.refuse(
            'WF400', format('%s %s is malformed: a whole number is needed', p_key, left(v_number::text, 60)),
            jsonb_build_object('argument', p_key));
    end if;

    return v_number::bigint;
end;
$$;

comment on function workflow_pg_private.wire_integer is
    'p_object ->> p_key as a whole number, p_default when it is absent. Raises WF400 when it is none.';
