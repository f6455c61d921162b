-- Is this a version of the protocol that we know?

create or replace function workflow_pg_private.check_spec_version(p_spec_version integer)
returns void
language plpgsql immutable
as $$
begin
    if p_spec_version is null or p_spec_version not between 2 and 7 then
        perform workflow_pg_private.refuse(
            'WF426', format('spec version %s is not supported: 2 to 7 are', coalesce(p_spec_version::text, 'null')),
            jsonb_build_object('spec_version', p_spec_version));
    end if;
end;
$$;

comment on function workflow_pg_private.check_spec_version is
    'Raises WF426 unless p_spec_version is 2 to 7.';
