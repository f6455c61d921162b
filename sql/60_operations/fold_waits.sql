-- What the log says about the rows of a run's waits.

create or replace function workflow_pg_private.fold_waits(p_run_id text)
returns table (entity text, entity_id text, expected jsonb)
language plpgsql stable
as $$
begin
    return query
    select 'wait', c.correlation_id,
           jsonb_build_object(
               'status', case when d.completed_at is not null then 'completed'
                              when f.is_over then 'cancelled'
                              else 'waiting' end,
               'spec_version', c.spec_version,
               'resume_at', (c.facts ->> 'resumeAt')::timestamptz,
               'created_at', c.created_at,
               'completed_at', d.completed_at)
      from workflow_pg.events as c
      left join (select e.correlation_id, min(e.created_at) as completed_at
                   from workflow_pg.events as e
                  where e.run_id = p_run_id
                    and e.event_type = 'wait_completed'
                  group by e.correlation_id) as d on d.correlation_id = c.correlation_id
      cross join (select count(*) > 0 as is_over
                    from workflow_pg.events as e
                   where e.run_id = p_run_id
                     and e.event_type in ('run_completed', 'run_failed', 'run_cancelled')) as f
     where c.run_id = p_run_id
       and c.event_type = 'wait_created';
end;
$$;

comment on function workflow_pg_private.fold_waits is
    'The rows of a run''s waits as its events make them: entity, its id, and the columns that the log decides, as JSON.';
