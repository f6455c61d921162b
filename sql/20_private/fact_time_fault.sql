-- What is wrong with a time in facts, as a caller wrote it?

create or replace function workflow_pg_private.fact_time_fault(
    p_facts  jsonb,
    p_name   text
)
returns workflow_pg_private.fault
language plpgsql stable
as $$
declare
    v_text constant text := p_facts ->> p_name;
begin
    if not workflow_pg_private.is_time(v_text) then
        return workflow_pg_private.new_fault(
            'WF400',
            format('%s %s is malformed: an ISO 8601 time with its zone is needed', p_name, quote_literal(left(v_text, 60))),
            jsonb_build_object('argument', p_name));
    end if;

    return null;
end;
$$;

comment on function workflow_pg_private.fact_time_fault is
    'WF400 when p_facts ->> p_name is there and not ISO 8601 with a zone; else null.';
