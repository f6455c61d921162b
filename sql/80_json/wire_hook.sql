-- A hook as the protocol writes it. Nobody owns hooks here.

create or replace function workflow_pg_private.wire_hook(
    p_hook  workflow_pg.hook_detail,
    p_all   boolean
)
returns jsonb
language plpgsql stable
as $$
declare
    v_hook constant jsonb := workflow_pg_private.wire_compact(jsonb_build_object(
        'runId', p_hook.run_id,
        'hookId', p_hook.hook_id,
        'token', p_hook.token,
        'ownerId', '',
        'projectId', '',
        'environment', '',
        'isWebhook', p_hook.is_webhook,
        'isSystem', p_hook.is_system,
        'specVersion', p_hook.spec_version,
        'tokenRetentionUntil', workflow_pg_private.wire_iso(p_hook.token_retention_until),
        'createdAt', workflow_pg_private.wire_iso(p_hook.created_at)));
begin
    if not p_all or p_hook.metadata is null then
        return v_hook;
    end if;

    return v_hook || jsonb_build_object(
        'metadata', workflow_pg_private.wire_payload(p_hook.metadata_codec, p_hook.metadata));
end;
$$;

comment on function workflow_pg_private.wire_hook is
    'A hook in camel case, with the metadata that p_hook has when p_all.';
