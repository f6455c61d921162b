-- Does the caller want payloads?

create or replace function workflow_pg_private.wire_resolve(p_params jsonb)
returns boolean
language plpgsql immutable
as $$
declare
    v_resolve constant text := coalesce(workflow_pg_private.wire_text(
        workflow_pg_private.wire_object('params', p_params), 'resolveData'), 'all');
begin
    if v_resolve not in ('all', 'none') then
        perform workflow_pg_private.refuse(
            'WF400', format('resolveData %s is malformed: all or none is needed', quote_literal(left(v_resolve, 60))),
            jsonb_build_object('argument', 'resolveData'));
    end if;

    return v_resolve = 'all';
end;
$$;

comment on function workflow_pg_private.wire_resolve is
    'Whether resolveData is all, as when it is absent. Raises WF400 unless p_params is an object, and resolveData all or none.';
