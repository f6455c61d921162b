-- Is this the type of an event that a caller may append?

create or replace function workflow_pg_private.check_event_type(p_event_type text)
returns void
language plpgsql stable
as $$
begin
    if p_event_type is null or p_event_type = 'hook_conflict'
       or p_event_type <> all (enum_range(null::workflow_pg.event_type)::text[])
    then
        perform workflow_pg_private.refuse(
            'WF400', format('event type %s cannot be appended', coalesce(quote_literal(left(p_event_type, 60)), 'null')),
            jsonb_build_object('argument', 'event type', 'value', left(p_event_type, 60)),
            'The database writes hook_conflict by itself; the comment on append_event names the others.');
    end if;
end;
$$;

comment on function workflow_pg_private.check_event_type is
    'Raises WF400 unless p_event_type is a label of event_type that callers may append.';
