-- Is this a time that a caller may have a step for itself?

create or replace function workflow_pg_private.check_hold(p_hold interval)
returns void
language plpgsql immutable
as $$
begin
    if p_hold is null or p_hold not between interval '1 second' and interval '1 hour' then
        perform workflow_pg_private.refuse(
            'WF400', format('hold %s is out of range: 1 second to 1 hour are allowed', coalesce(p_hold::text, 'null')),
            jsonb_build_object('argument', 'hold'));
    end if;
end;
$$;

comment on function workflow_pg_private.check_hold is
    'Raises WF400 unless p_hold is 1 second to 1 hour.';
