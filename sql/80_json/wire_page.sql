-- What a caller wants of a list: how much, from where on, and which way.

create or replace function workflow_pg_private.wire_page(
    p_params   jsonb,
    p_default  integer,
    p_order    text,
    out size           integer,
    out cursor         text,
    out is_descending  boolean
)
returns record
language plpgsql immutable
as $$
declare
    v_page  constant jsonb := workflow_pg_private.wire_object(
        'pagination', workflow_pg_private.wire_object('params', p_params) -> 'pagination');
    v_order constant text  := coalesce(workflow_pg_private.wire_text(v_page, 'sortOrder'), p_order);
begin
    if v_order not in ('asc', 'desc') then
        perform workflow_pg_private.refuse(
            'WF400', format('sortOrder %s is malformed: asc or desc is needed', quote_literal(left(v_order, 60))),
            jsonb_build_object('argument', 'sortOrder'));
    end if;

    size          := workflow_pg_private.wire_small(v_page, 'limit', p_default);
    cursor        := workflow_pg_private.wire_text(v_page, 'cursor');
    is_descending := v_order = 'desc';
    perform workflow_pg_private.check_limit(size);
end;
$$;

comment on function workflow_pg_private.wire_page is
    'limit, cursor and sortOrder of pagination; p_default and p_order when there is none. Raises WF400.';
