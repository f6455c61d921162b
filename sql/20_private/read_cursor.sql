-- Where in a list a cursor stands.
--
-- A cursor is the name of its list and the key by which the list is ordered, of its last
-- row: runs:<microseconds of created_at>:<run id>, steps:<step id>, hooks:<hook id>,
-- tokens:<token> for the hooks of all runs, waits:<wait id>. That of an event is its id.

create or replace function workflow_pg_private.read_cursor(
    p_list    text,
    p_cursor  text
)
returns text[]
language plpgsql immutable
as $$
declare
    v_place constant text[] := regexp_match(
        p_cursor,
        case p_list when 'runs' then '^runs:([0-9]{1,16}):(.+)$'
                    when 'events' then '^(?:evnt_|wevt_)?0{10}([0-9]{16})$'
                    else '^' || p_list || ':(.+)$' end);
begin
    if v_place is null and p_cursor is not null or octet_length(p_cursor) > 1200 then
        perform workflow_pg_private.refuse(
            'WF400', format('cursor %s is not one of a list of %s', quote_literal(left(p_cursor, 60)), p_list),
            jsonb_build_object('argument', 'cursor', 'value', left(p_cursor, 60)),
            'Pass the cursor of the last row that was read, or null for the first page.');
    end if;

    return v_place;
end;
$$;

comment on function workflow_pg_private.read_cursor is
    'The parts of a cursor of a list (runs, steps, hooks, tokens, waits, events) after its name; null for null. Raises WF400 when it is none.';
