-- The facts of hook_created: its eventData.

create or replace function workflow_pg_private.hook_facts(
    p_token                  text,
    p_is_webhook             boolean,
    p_is_system              boolean,
    p_token_retention_until  timestamptz
)
returns jsonb
language plpgsql stable
as $$
declare
    v_facts constant jsonb := jsonb_build_object('token', p_token, 'isWebhook', p_is_webhook, 'isSystem', p_is_system);
begin
    perform workflow_pg_private.check_text('token', p_token, 1024);
    if p_token_retention_until is null then
        return v_facts;
    end if;

    perform workflow_pg_private.check_time('token_retention_until', p_token_retention_until);
    return v_facts || jsonb_build_object('tokenRetentionUntil', workflow_pg_private.iso_time(p_token_retention_until));
end;
$$;

comment on function workflow_pg_private.hook_facts is
    'eventData of hook_created. Raises WF400 when the token or the time is malformed.';
