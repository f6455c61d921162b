-- A whole number that fits an argument of type integer.

create or replace function workflow_pg_private.wire_small(
    p_object   jsonb,
    p_key      text,
    p_default  integer default null
)
returns integer
language plpgsql immutable
as $$
declare
    v_number constant bigint := workflow_pg_private.wire_integer(p_object, p_key, p_default);
begin
    if abs(v_number) > 2147483647 then
        perform workflow_pg_private.refuse(
            'WF400', format('%s %s is out of range', p_key, v_number), jsonb_build_object('argument', p_key));
    end if;

    return v_number::integer;
end;
$$;

comment on function workflow_pg_private.wire_small is
    'As wire_integer, for arguments of 32 bits. Raises WF400.';
