-- Is this a length that a lease may have?

create or replace function workflow_pg_private.check_lease(p_lease interval)
returns void
language plpgsql immutable
as $$
begin
    if p_lease is null or p_lease not between interval '1 second' and interval '1 hour' then
        perform workflow_pg_private.refuse(
            'WF400', format('lease %s is out of range: 1 second to 1 hour are allowed', coalesce(p_lease::text, 'null')),
            jsonb_build_object('argument', 'lease'));
    end if;
end;
$$;

comment on function workflow_pg_private.check_lease is
    'Raises WF400 unless p_lease is 1 second to 1 hour.';
