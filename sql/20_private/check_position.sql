-- Is this a position of a log that a reader may have come to?

create or replace function workflow_pg_private.check_position(p_position bigint)
returns void
language plpgsql immutable
as $$
begin
    if p_position is null or p_position < 0 then
        perform workflow_pg_private.refuse(
            'WF400', format('position %s is malformed: 0 or the seq of an event is needed',
                            coalesce(p_position::text, 'null')),
            jsonb_build_object('argument', 'after', 'value', p_position));
    end if;
end;
$$;

comment on function workflow_pg_private.check_position is
    'Raises WF400 unless p_position is 0 or more.';
