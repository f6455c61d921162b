-- Is this a size that a page may have?

create or replace function workflow_pg_private.check_limit(p_limit integer)
returns void
language plpgsql immutable
as $$
begin
    if p_limit is null or p_limit not between 1 and 1000 then
        perform workflow_pg_private.refuse(
            'WF400', format('limit %s is out of range: 1 to 1000 are allowed', coalesce(p_limit::text, 'null')),
            jsonb_build_object('argument', 'limit', 'value', p_limit));
    end if;
end;
$$;

comment on function workflow_pg_private.check_limit is
    'Raises WF400 unless p_limit is 1 to 1000.';
