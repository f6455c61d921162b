-- The protocol counts a reason in UTF-16 units, as JavaScript does: 512 at most.

create or replace function workflow_pg_private.check_cancel_reason(p_reason text)
returns void
language plpgsql immutable
as $$
declare
    -- A character beyond the basic plane, four bytes in UTF-8, takes two units.
    v_units constant integer := length(p_reason)
                              + length(regexp_replace(p_reason, '[\u0001-\uFFFF]', '', 'g'));
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
