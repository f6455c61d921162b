-- The steps of an imported run, and the messages that have those executed that are not over.

create or replace function workflow_pg_private.import_steps(
    p_run       workflow_pg.runs,
    p_document  jsonb,
    p_log       workflow_pg_private.imported_event[]
)
returns void
language plpgsql volatile
as $$
begin
    with logged as materialized (
        select e.correlation_id,
               min(e.seq) filter (where e.event_type = 'step_created') as input_seq,
               min(e.seq) filter (where e.event_type in ('step_completed', 'step_failed')) as outcome_seq,
               max(e.seq) filter (where e.event_type in ('step_retrying', 'step_failed')) as error_seq,
               min(e.created_at) filter (where e.event_type in ('step_completed', 'step_failed')) as outcome_at,
               min(replace(e.event_type::text, 'step_', '')) filter (
                   where e.event_type in ('step_completed', 'step_failed')) as outcome
          from unnest(p_log) as e
         where e.seq is not null
           and e.event_type between 'step_created' and 'step_failed'
         group by e.correlation_id
    )
    insert into workflow_pg.steps
           (run_id, step_id, status, spec_version, attempt, input_seq, outcome_seq, error_seq,
            created_at, updated_at, started_at, completed_at, retry_after, step_name)
    select p_run.run_id, s.step_id, n.status, greatest(s.spec_version, 1), s.attempt, l.input_seq, l.outcome_seq, l.error_seq,
           date_trunc('milliseconds', s.created_at), date_trunc('milliseconds', s.updated_at),
           date_trunc('milliseconds', s.started_at),
           case when n.status >= 'completed'
                then date_trunc('milliseconds', coalesce(s.completed_at, l.outcome_at, s.updated_at)) end,
           case when n.status = 'pending' then date_trunc('milliseconds', s.retry_after) end, s.step_name
      from jsonb_to_recordset(p_document -> 'steps') as s (
           step_id text, step_name text, status workflow_pg.step_status, spec_version integer, attempt integer,
           created_at timestamptz, updated_at timestamptz, started_at timestamptz, completed_at timestamptz,
           retry_after timestamptz)
      join logged as l on l.correlation_id = s.step_id
     cross join lateral (
           select case when s.status >= 'completed' or p_run.spec_version = 1 then s.status
                       else coalesce(l.outcome::workflow_pg.step_status, s.status) end as status) as n;

    perform workflow_pg_private.dispatch_step(
                p_run, s.step_id, s.step_name, coalesce(s.retry_after, workflow_pg_private.clock()))
       from workflow_pg.steps as s
      where s.run_id = p_run.run_id
        and s.status < 'completed'
        and p_run.status < 'completed'
        and p_run.spec_version > 1;
end;
$$;

comment on function workflow_pg_private.import_steps is
    'Insert the steps of an import document, and dispatch those of a live run that are not final.';
