-- Are these arguments that a claim can work with?

create or replace function workflow_pg_private.check_claim(
    p_worker_id  text,
    p_workflows  text[],
    p_limit      integer,
    p_lease      interval
)
returns void
language plpgsql immutable
as $$
begin
    perform workflow_pg_private.check_text('worker id', p_worker_id, 255);
    perform workflow_pg_private.check_limit(p_limit);

    if p_workflows is null or cardinality(p_workflows) = 0 then
        perform workflow_pg_private.refuse(
            'WF400', 'a claim needs the names of the workflows that the worker serves',
            jsonb_build_object('argument', 'workflows'));
    end if;

    perform workflow_pg_private.check_lease(p_lease);
end;
$$;

comment on function workflow_pg_private.check_claim is
    'Raises WF400 unless the arguments of a claim are in range.';
