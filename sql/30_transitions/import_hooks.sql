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
    v_run     workflow_pg.runs := p_run;
    v_holder  workflow_pg_private.hook_tokens;
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
                       when h.hook_id is null or d.seq is not null then 'disposed'
                       -- Its token may be retained after the end of its run.
                       when p_run.status >= 'completed'
                            and (workflow_pg_private.fact_time(e.facts, 'tokenRetentionUntil')
                                 > workflow_pg_private.clock()) is not true then 'disposed'
                       else 'live' end as status) as n
     where e.seq is not null
       and e.event_type in ('hook_created', 'hook_conflict');

    -- What has let go of its token has done so by now, whenever this run had its last event.
    v_run.last_event_at := workflow_pg_private.clock();
    select c.*
      into v_holder
      from (select h.hook_id, h.token, workflow_pg_private.fact_time(e.facts, 'tokenRetentionUntil') as retained_until
              from workflow_pg.hooks as h
              join unnest(p_log) as e on e.seq = h.created_seq
             where h.run_id = p_run.run_id
               and h.status = 'live'
             order by h.token, h.hook_id) as h
     cross join lateral workflow_pg_private.claim_token(v_run, h.hook_id, h.token, h.retained_until) as c
     where (c.run_id, c.hook_id) <> (p_run.run_id, h.hook_id)
     limit 1;

    if found then
        perform workflow_pg_private.refuse(
            'WF409', format('a live hook of run %s has token %L, which hook %s of run %s holds', p_run.run_id,
                            v_holder.token, v_holder.hook_id, v_holder.run_id),
            jsonb_build_object('run_id', p_run.run_id, 'entity', 'hook', 'conflicting_run_id', v_holder.run_id),
            'Let one of the two end, or dispose of its hook, then import again.');
    end if;
end;
$$;

comment on function workflow_pg_private.import_hooks is
    'Insert the hooks of an import document, and claim the tokens of those that are live. Raises WF409 for a token that is held.';
