-- What the log says about the rows of a run's steps.

create or replace function workflow_pg_private.fold_steps(p_run_id text)
returns table (entity text, entity_id text, expected jsonb)
language plpgsql stable
as $$
begin
    return query
    select 'step', m.correlation_id,
           jsonb_build_object(
               'status', case m.last_type when 'step_started' then 'running'
                                          when 'step_completed' then 'completed'
                                          when 'step_failed' then 'failed'
                                          else 'pending' end,
               'spec_version', m.spec_version,
               'step_name', m.step_name,
               'attempt', m.attempts,
               'input_seq', m.input_seq,
               'error_seq', m.error_seq,
               'outcome_seq', m.outcome_seq,
               'created_at', m.created_at,
               'updated_at', m.updated_at,
               'started_at', m.started_at,
               'completed_at', m.completed_at,
               'retry_after', case when m.last_type = 'step_retrying'
                                   then (m.last_facts ->> 'retryAfter')::timestamptz end)
      from (select e.correlation_id,
                   min(e.seq) filter (where e.event_type = 'step_created') as input_seq,
                   min(e.created_at) filter (where e.event_type = 'step_created') as created_at,
                   min(e.spec_version) filter (where e.event_type = 'step_created') as spec_version,
                   min(e.facts ->> 'stepName') filter (where e.event_type = 'step_created') as step_name,
                   count(*) filter (where e.event_type = 'step_started') as attempts,
                   min(e.created_at) filter (where e.event_type = 'step_started') as started_at,
                   max(e.created_at) as updated_at,
                   max(e.created_at) filter (where e.event_type in ('step_completed', 'step_failed')) as completed_at,
                   max(e.seq) filter (where e.event_type in ('step_completed', 'step_failed')) as outcome_seq,
                   max(e.seq) filter (where e.event_type in ('step_retrying', 'step_failed')) as error_seq,
                   (array_agg(e.event_type order by e.seq desc))[1] as last_type,
                   (array_agg(e.facts order by e.seq desc))[1] as last_facts
              from workflow_pg.events as e
             where e.run_id = p_run_id
               and e.event_type in ('step_created', 'step_started', 'step_retrying', 'step_completed', 'step_failed')
             group by e.correlation_id) as m;
end;
$$;

comment on function workflow_pg_private.fold_steps is
    'The rows of a run''s steps as its events make them: entity, its id, and the columns that the log decides, as JSON.';
