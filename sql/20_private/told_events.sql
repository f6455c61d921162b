-- Which events the rows of a run that is imported tell of, whether its log has them or not.

create or replace function workflow_pg_private.told_events(
    p_document  jsonb,
    p_given     workflow_pg_private.imported_event[]
)
returns table (class text, place numeric, label text, correlation_id text, created_at timestamptz,
               facts jsonb, payload jsonb, error_text text)
language plpgsql stable
as $$
declare
    c_last constant numeric := 1e12;
begin
    return query
    with r as (
        select x.*, x.spec_version > 1 as is_modern
          from jsonb_to_record(p_document -> 'run') as x (
               status text, spec_version integer, facts jsonb, created_at timestamptz, started_at timestamptz,
               completed_at timestamptz, updated_at timestamptz, input jsonb, output jsonb, error jsonb, error_text text, error_code text)
    ), s as (
        select * from jsonb_to_recordset(p_document -> 'steps') as x (
               step_id text, step_name text, status text, created_at timestamptz, updated_at timestamptz,
               completed_at timestamptz, retry_after text, input jsonb, output jsonb, error jsonb, error_text text)
    ), h as (
        select * from jsonb_to_recordset(p_document -> 'hooks') as x (
               hook_id text, token text, is_webhook boolean, is_system boolean, created_at timestamptz, metadata jsonb)
    ), w as (
        select * from jsonb_to_recordset(p_document -> 'waits') as x (
               wait_id text, status text, resume_at text, created_at timestamptz, completed_at timestamptz)
    )
    select 'run_created'::text, 0::numeric, 'run_created'::text, null::text, r.created_at, r.facts, r.input, null::text from r
     union all
    select 'run_started', 0.2, 'run_started', null, r.started_at, null, null, null
      from r where r.is_modern and r.started_at is not null
     union all
    select 'step_created', -0.4, 'step_created', s.step_id, s.created_at,
           jsonb_build_object('stepName', s.step_name), s.input, null from s
     union all
    select 'hook_created', -0.4, 'hook_created', h.hook_id, h.created_at,
           jsonb_build_object('token', h.token, 'isWebhook', h.is_webhook, 'isSystem', h.is_system), h.metadata, null
      from h
     union all
    select 'wait_created', -0.4, 'wait_created', w.wait_id, w.created_at,
           jsonb_build_object('resumeAt', coalesce(w.resume_at, w.created_at::text)), null, null from w
     union all
    select 'step_error', c_last + 0.1, 'step_retrying', s.step_id, s.updated_at,
           jsonb_strip_nulls(jsonb_build_object('retryAfter', s.retry_after)), s.error, s.error_text
      from s where s.status <> 'failed' and (s.error is not null or s.error_text is not null)
     union all
    select 'step_end', c_last + 0.2, 'step_' || s.status, s.step_id, s.completed_at, null,
           case s.status when 'failed' then s.error else s.output end,
           case s.status when 'failed' then s.error_text end
      from s where s.status in ('completed', 'failed')
     union all
    select 'wait_completed', c_last + 0.3, 'wait_completed', w.wait_id, w.completed_at, null, null, null
      from w where w.status = 'completed'
     union all
    select 'hook_disposed', c_last + 0.3, 'hook_disposed', g.correlation_id, r.updated_at, null, null, null
      from unnest(p_given) as g
     cross join r
     where g.note is null and g.event_type = 'hook_created' and r.is_modern
       and (r.status in ('pending', 'running') or g.facts ->> 'tokenRetentionUntil' is not null)
       and g.correlation_id not in (select h.hook_id from h)
     union all
    select 'run_end', c_last + 0.5, 'run_' || r.status, null, r.completed_at,
           case when r.status = 'failed' then jsonb_build_object(
               'errorCode', coalesce(r.error_code, workflow_pg_private.legacy_error(r.error_text) ->> 'code')) end,
           case r.status when 'failed' then r.error when 'completed' then r.output end,
           case r.status when 'failed' then r.error_text end
      from r where r.status in ('completed', 'failed') or r.status = 'cancelled' and r.is_modern;
end;
$$;

comment on function workflow_pg_private.told_events is
    'class: of what can happen once; place: negative before the first event of its entity, over 1e12 after all others.';
