-- Is this an id that a run may have?

create or replace function workflow_pg_private.check_run_id(p_run_id text)
returns void
language plpgsql immutable
as $$
begin
    if p_run_id is null or p_run_id !~ '^wrun_[0-7][0-9A-HJKMNP-TV-Z]{25}$' then
        perform workflow_pg_private.refuse(
            'WF400',
            format('run id %s is malformed: ''wrun_'' and a ULID are needed',
                   coalesce(quote_literal(left(p_run_id, 60)), 'null')),
            jsonb_build_object('argument', 'run id'),
            'Pass null to have one drawn.');
    end if;
end;
$$;

comment on function workflow_pg_private.check_run_id is
    'Raises WF400 unless p_run_id is wrun_ and a ULID.';
