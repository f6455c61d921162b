-- Where a page of runs begins that a cursor leads to.

create or replace function workflow_pg_private.wire_run_cursor(
    p_cursor    text,
    out created_at  timestamptz,
    out run_id      text
)
returns record
language plpgsql stable
as $$
begin
    if not (workflow_pg_private.is_time(split_part(p_cursor, '/', 1)) and p_cursor like '%/%') then
        perform workflow_pg_private.refuse(
            'WF400', format('cursor %s is malformed', quote_literal(left(p_cursor, 60))),
            jsonb_build_object('argument', 'cursor'), 'Begin without a cursor.');
    end if;

    created_at := split_part(p_cursor, '/', 1)::timestamptz;
    run_id     := substr(p_cursor, strpos(p_cursor, '/') + 1);
end;
$$;

comment on function workflow_pg_private.wire_run_cursor is
    'created_at and run_id of the last run of the page before; nulls for null. Raises WF400 when it is malformed.';
