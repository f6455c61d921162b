-- Is the log of a run whole?

create or replace function workflow_pg_private.verify_log(p_run_id text)
returns table (entity text, entity_id text, expected jsonb, found jsonb)
language plpgsql stable
as $$
begin
    return query
    select 'log', p_run_id, v.expected, v.found
      from (select count(*) as events, min(e.seq) as first, max(e.seq) as last,
                   count(*) filter (where e.event_type = 'run_created') as created,
                   count(*) filter (where e.event_type in ('run_completed', 'run_failed', 'run_cancelled')) as terminal,
                   count(*) filter (where e.created_at < e.before) as earlier,
                   min(e.event_type::text) filter (where e.seq = 1) as opening
              from (select e.seq, e.event_type, e.created_at,
                           lag(e.created_at) over (order by e.seq) as before
                      from workflow_pg.events as e
                     where e.run_id = p_run_id) as e) as n
      cross join lateral (
            values (jsonb_build_object('positions', format('1 to %s', n.events)),
                    jsonb_build_object('positions', format('%s to %s', n.first, n.last)),
                    n.first is distinct from 1 or n.last is distinct from n.events),
                   (jsonb_build_object('first event', 'run_created', 'run_created', 1),
                    jsonb_build_object('first event', n.opening, 'run_created', n.created),
                    n.opening is distinct from 'run_created' or n.created <> 1),
                   (jsonb_build_object('ends', 1), jsonb_build_object('ends', n.terminal), n.terminal > 1),
                   (jsonb_build_object('events before their predecessor', 0),
                    jsonb_build_object('events before their predecessor', n.earlier), n.earlier > 0)
           ) as v (expected, found, is_wrong)
     where v.is_wrong;
end;
$$;

comment on function workflow_pg_private.verify_log is
    'What is wrong with the log of a run: positions are dense from 1, it begins with its only run_created, ends at most once, and no event is older than the one before it.';
