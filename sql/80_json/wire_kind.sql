-- The kind of a message out of JSON that a caller gave.

create or replace function workflow_pg_private.wire_kind(p_params jsonb)
returns workflow_pg.message_kind
language plpgsql immutable
as $$
declare
    v_kind constant text := workflow_pg_private.wire_text(p_params, 'kind');
begin
    if v_kind <> all (enum_range(null::workflow_pg.message_kind)::text[]) then
        perform workflow_pg_private.refuse(
            'WF400', format('kind %s is malformed: wake, start, step, hook or custom is needed', quote_literal(left(v_kind, 60))),
            jsonb_build_object('argument', 'kind'));
    end if;

    return v_kind::workflow_pg.message_kind;
end;
$$;

comment on function workflow_pg_private.wire_kind is
    'kind of p_params; null when it is absent. Raises WF400 when it is none.';
