-- A time out of facts, as a caller wrote it.

create or replace function workflow_pg_private.fact_time(
    p_facts  jsonb,
    p_name   text
)
returns timestamptz
language plpgsql stable
as $$
declare
    v_text constant text := p_facts ->> p_name;
begin
    if not workflow_pg_private.is_time(v_text) then
        perform workflow_pg_private.refuse(
            'WF400', format('%s %s is malformed: an ISO 8601 time with its zone is needed', p_name, quote_literal(left(v_text, 60))),
            jsonb_build_object('argument', p_name));
    end if;

    return v_text::timestamptz;
end;
$$;

comment on function workflow_pg_private.fact_time is
    'p_facts ->> p_name as a time; null when absent. Raises WF400 unless it is ISO 8601 with a zone.';
