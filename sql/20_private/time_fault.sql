-- What is wrong with a moment that a clock is to reach?

create or replace function workflow_pg_private.time_fault(
    p_what  text,
    p_at    timestamptz
)
returns workflow_pg_private.fault
language plpgsql immutable
as $$
begin
    if p_at is null or not isfinite(p_at) or extract(year from p_at) not between 1 and 9999 then
        return workflow_pg_private.new_fault(
            'WF400',
            format('%s %s is malformed: a time between the years 1 and 9999 is needed',
                   p_what, coalesce(p_at::text, 'null')),
            jsonb_build_object('argument', p_what));
    end if;

    return null;
end;
$$;

comment on function workflow_pg_private.time_fault is
    'WF400 unless p_at is a finite time between the years 1 and 9999; else null.';
