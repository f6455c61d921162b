-- The row of an imported run. Where its log knows more than the row did, the log is right.

create or replace function workflow_pg_private.import_run_row(
    p_document       jsonb,
    p_log            workflow_pg_private.imported_event[],
    p_deployment_id  text,
    p_namespace      text
)
returns workflow_pg.runs
language plpgsql volatile
as $$
declare
    v_run workflow_pg.runs;
begin
    insert into workflow_pg.runs
           (run_id, status, spec_version, last_seq, last_event_at, outcome_seq, created_at, started_at, completed_at,
            workflow_name, deployment_id, queue_name)
    select r.run_id, s.status, r.spec_version, l.last_seq, l.last_at, o.seq,
           date_trunc('milliseconds', r.created_at),
           date_trunc('milliseconds', coalesce(r.started_at, b.created_at)),
           case when s.status >= 'completed'
                then date_trunc('milliseconds', coalesce(r.completed_at, o.created_at, r.updated_at)) end,
           r.workflow_name, coalesce(p_deployment_id, r.deployment_id),
           workflow_pg_private.queue_name(
               coalesce(p_namespace, r.facts #>> '{executionContext,queueNamespace}'), r.workflow_name)
      from jsonb_to_record(p_document -> 'run') as r (
           run_id text, status workflow_pg.run_status, spec_version integer, workflow_name text, deployment_id text,
           created_at timestamptz, updated_at timestamptz, started_at timestamptz, completed_at timestamptz, facts jsonb)
     cross join lateral (
           select max(e.seq) as last_seq, max(e.created_at) as last_at from unnest(p_log) as e where e.seq is not null) as l
      left join lateral (
           select e.seq, e.created_at, replace(e.event_type::text, 'run_', '')::workflow_pg.run_status as status
             from unnest(p_log) as e
            where e.seq is not null
              and e.event_type in ('run_completed', 'run_failed', 'run_cancelled') limit 1) as o on true
      left join lateral (
           select e.created_at from unnest(p_log) as e
            where e.seq is not null and e.event_type = 'run_started' limit 1) as b on true
     cross join lateral (
           select case when r.status >= 'completed' then r.status
                       when o.status is not null and r.spec_version > 1 then o.status
                       when b.created_at is not null then 'running'
                       else r.status end as status) as s
 returning *
      into v_run;

    return v_run;
end;
$$;

comment on function workflow_pg_private.import_run_row is
    'Insert the run of an import document, with the positions of its log; the run.';
