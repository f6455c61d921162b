-- A time out of facts, as a caller wrote it.

create or replace function workflow_pg_private.fact_time(
    p_facts  jsonb,
    p_name   text
)
returns timestamptz
language plpgsql stable
as $$
declare
    v_fault constant workflow_pg_private.fault := workflow_pg_private.fact_time_fault(p_facts, p_name);
begin
    if v_fault.sqlstate is not null then
        perform workflow_pg_private.refuse_fault(v_fault);
    end if;

    return (p_facts ->> p_name)::timestamptz;
end;
$$;

comment on function workflow_pg_private.fact_time is
    'p_facts ->> p_name as a time; null when absent. Raises what fact_time_fault finds.';
