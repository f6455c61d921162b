-- Is this a moment that a clock can reach?

create or replace function workflow_pg_private.check_time(
    p_what  text,
    p_at    timestamptz
)
returns void
language plpgsql immutable
as $$
declare
    v_fault constant workflow_pg_private.fault := workflow_pg_private.time_fault(p_what, p_at);
begin
    if v_fault.sqlstate is not null then
        perform workflow_pg_private.refuse_fault(v_fault);
    end if;
end;
$$;

comment on function workflow_pg_private.check_time is
    'Raises what time_fault finds.';
