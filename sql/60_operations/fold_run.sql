-- What the log says about the row of its run.
--
-- The events are read in their order and nothing else is: a second opinion on what the
-- transitions wrote, and what a lost row could be made from.

create or replace function workflow_pg_private.fold_run(p_run_id text)
returns table (entity text, entity_id text, expected jsonb)
language plpgsql stable
as $$
begin
    return query
    with log as (
        select e.seq, e.event_type, e.created_at, e.facts, e.spec_version
          from workflow_pg.events as e
         where e.run_id = p_run_id
    )
    select 'run', p_run_id,
           jsonb_build_object(
               'status', case when f.event_type is not null then substr(f.event_type::text, 5)
                              when s.seq is not null then 'running'
                              else 'pending' end,
               'last_seq', n.events,
               'last_event_at', n.last_event_at,
               'created_at', c.created_at,
               'spec_version', c.spec_version,
               'workflow_name', c.facts ->> 'workflowName',
               'deployment_id', c.facts ->> 'deploymentId',
               'started_at', s.created_at,
               'completed_at', f.created_at,
               'outcome_seq', f.seq)
      from (select count(*) as events, max(l.created_at) as last_event_at from log as l) as n
      cross join log as c
      left join lateral (select l.seq, l.created_at from log as l
                          where l.event_type = 'run_started' order by l.seq limit 1) as s on true
      left join lateral (select l.seq, l.created_at, l.event_type from log as l
                          where l.event_type in ('run_completed', 'run_failed', 'run_cancelled')
                          order by l.seq limit 1) as f on true
     where c.event_type = 'run_created';
end;
$$;

comment on function workflow_pg_private.fold_run is
    'The row of a run as its events make it: entity, its id, and the columns that the log decides, as JSON. No row when it has no run_created.';
