-- Raise what was found wrong. Batches hand the same over as an outcome.

create or replace function workflow_pg_private.refuse_fault(p_fault workflow_pg_private.fault)
returns void
language plpgsql immutable
as $$
begin
    perform workflow_pg_private.refuse(p_fault.sqlstate, p_fault.message, p_fault.detail, p_fault.hint);
end;
$$;

comment on function workflow_pg_private.refuse_fault is
    'Refuse the call for a fault: never returns.';
