-- A reason may be 512 UTF-16 units long.

create or replace function workflow_pg_private.check_cancel_reason(p_reason text)
returns void
language plpgsql immutable
as $$
declare
    v_units constant integer := workflow_pg_private.utf16_units(p_reason);
begin
    if v_units > 512 then
        perform workflow_pg_private.refuse(
            'WF422', format('the reason has %s UTF-16 units: at most 512 are allowed', v_units),
            jsonb_build_object('argument', 'reason', 'units', v_units, 'limit', 512));
    end if;
end;
$$;

comment on function workflow_pg_private.check_cancel_reason is
    'Raises WF422 when p_reason is longer than 512 UTF-16 units.';
