-- The hooks of an imported run: all that its log has created, of which the other database
-- keeps those that are live.

create or replace function workflow_pg_private.import_hooks(
    p_run       workflow_pg.runs,
    p_document  jsonb,
    p_log       workflow_pg_private.imported_event[]
)
returns void
language plpgsql volatile
as $$
declare
    v_holder workflow_pg_private.hook_tokens;
begin
    insert into workflow_pg.hooks
           (run_id, hook_id, status, spec_version, created_seq, created_at, disposed_at, is_webhook, is_system, token)
    select p_run.run_id, e.correlation_id, n.status, greatest(coalesce(h.spec_version, e.spec_version), 1), e.seq,
           date_trunc('milliseconds', coalesce(h.created_at, e.created_at)),
           case when n.status = 'disposed' then coalesce(d.created_at, p_run.completed_at, p_run.last_event_at) end,
           coalesce(h.is_webhook, (e.facts ->> 'isWebhook')::boolean, true),
           coalesce(h.is_system, (e.facts ->> 'isSystem')::boolean, false),
           coalesce(h.token, e.facts ->> 'token')
      from unnest(p_log) as e
      left join jsonb_to_recordset(p_document -> 'hooks') as h (
           hook_id text, token text, spec_version integer, is_webhook boolean, is_system boolean, created_at timestamptz)
        on h.hook_id = e.correlation_id
      left join unnest(p_log) as d
        on d.correlation_id = e.correlation_id and d.event_type = 'hook_disposed' and d.seq is not null
     cross join lateral (
           select case when e.event_type = 'hook_conflict' then workflow_pg.hook_status 'conflict'
                       when h.hook_id is null or d.seq is not null or p_run.status >= 'completed' then 'disposed'
                       else 'live' end as status) as n
     where e.seq is not null
       and e.event_type in ('hook_created', 'hook_conflict');

    select t.*
      into v_holder
      from workflow_pg.hooks as h
      join workflow_pg_private.hook_tokens as t on t.token = h.token
     where h.run_id = p_run.run_id
       and h.status = 'live'
     limit 1;
    if found then
        perform workflow_pg_private.refuse(
            'WF409', format('a live hook of run %s has token %L, which hook %s of run %s holds', p_run.run_id,
                            v_holder.token, v_holder.hook_id, v_holder.run_id),
            jsonb_build_object('run_id', p_run.run_id, 'entity', 'hook', 'conflicting_run_id', v_holder.run_id),
            'Let one of the two end, or dispose of its hook, then import again.');
    end if;

    insert into workflow_pg_private.hook_tokens (token, run_id, hook_id)
    select h.token, h.run_id, h.hook_id
      from workflow_pg.hooks as h
     where h.run_id = p_run.run_id
       and h.status = 'live';
end;
$$;

comment on function workflow_pg_private.import_hooks is
    'Insert the hooks of an import document, and claim the tokens of those that are live. Raises WF409 for a token that is held.';
