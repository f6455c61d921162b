-- Why a start may not have the run that its key stands for; nothing when it may.

create or replace function workflow_pg_private.refuse_start_key(
    p_key     workflow_pg_private.start_keys,
    p_run     workflow_pg.runs,
    p_digest  bytea,
    p_policy  workflow_pg.key_policy
)
returns void
language plpgsql immutable
as $$
declare
    v_detail constant jsonb := jsonb_build_object(
        'entity', 'start_key', 'id', p_key.start_key, 'run_id', p_run.run_id,
        'event', 'run_created', 'run_status', p_run.status, 'is_same_start', p_key.digest = p_digest);
begin
    if p_policy = 'refuse' then
        perform workflow_pg_private.refuse(
            'WF409', format('start key %L is taken: run %s was started under it and is %s',
                            p_key.start_key, p_run.run_id, p_run.status),
            v_detail);
    elsif p_key.digest <> p_digest then
        perform workflow_pg_private.refuse(
            'WF409', format('start key %L stands for another start: run %s has another workflow or input',
                            p_key.start_key, p_run.run_id),
            v_detail, 'Choose a new key for each new start.');
    end if;
end;
$$;

comment on function workflow_pg_private.refuse_start_key is
    'Raises WF409 when the policy is refuse, or when the key stands for another workflow or input.';
