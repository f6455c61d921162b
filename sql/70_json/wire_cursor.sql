-- Where the page of a log begins that a cursor leads to.

create or replace function workflow_pg_private.wire_cursor(p_cursor text)
returns bigint
language plpgsql immutable
as $$
declare
    v_seq constant bigint := workflow_pg_private.wire_seq(p_cursor);
begin
    if p_cursor is not null and v_seq is null then
        perform workflow_pg_private.refuse(
            'WF400', format('cursor %s is malformed: the id of an event is needed', quote_literal(left(p_cursor, 60))),
            jsonb_build_object('argument', 'cursor'),
            'Begin without a cursor.');
    end if;

    return v_seq;
end;
$$;

comment on function workflow_pg_private.wire_cursor is
    'The position that a cursor of events names; null for null. Raises WF400 when it is malformed.';
