-- Is this a moment that a clock can reach?

create or replace function workflow_pg_private.check_time(
    p_what  text,
    p_at    timestamptz
)
returns void
language plpgsql immutable
as $$
begin
    if p_at is null or not isfinite(p_at) or extract(year from p_at) not between 1 and 9999 then
        perform workflow_pg_private.refuse(
            'WF400',
            format('%s %s is malformed: a time between the years 1 and 9999 is needed',
                   p_what, coalesce(p_at::text, 'null')),
            jsonb_build_object('argument', p_what));
    end if;
end;
$$;

comment on function workflow_pg_private.check_time is
    'Raises WF400 unless p_at is a finite time between the years 1 and 9999.';
