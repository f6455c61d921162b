-- The logical queue of a workflow, as the SDKs spell it.

create or replace function workflow_pg_private.queue_name(
    p_namespace      text,
    p_workflow_name  text
)
returns text
language plpgsql immutable
as $$
begin
    if p_namespace is null then
        return '__wkf_workflow_' || p_workflow_name;
    end if;

    if p_namespace !~ '^[a-z][a-z0-9]*$' then
        perform workflow_pg_private.refuse(
            'WF400',
            format('queue namespace %L is malformed: lower-case letters and digits, a letter first',
                   p_namespace),
            jsonb_build_object('argument', 'namespace', 'value', p_namespace));
    end if;

    return '__' || p_namespace || '_wkf_workflow_' || p_workflow_name;
end;
$$;

comment on function workflow_pg_private.queue_name is
    '__wkf_workflow_<name>, or __<namespace>_wkf_workflow_<name>. Raises WF400 for a malformed namespace.';
