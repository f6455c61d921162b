-- What the log says about the rows of a run's hooks, and about who holds their tokens.

create or replace function workflow_pg_private.fold_hooks(p_run_id text)
returns table (entity text, entity_id text, expected jsonb)
language plpgsql stable
as $$
begin
    return query
    with hook as (
        select c.correlation_id, c.seq, c.created_at, c.spec_version, c.facts ->> 'token' as token,
               c.event_type = 'hook_conflict' as is_conflict,
               case when c.event_type = 'hook_created' and r.retained_until > f.ended_at then d.disposed_at
                    when c.event_type = 'hook_created' then least(d.disposed_at, f.ended_at) end as disposed_at,
               -- Then it depends on whether its token was wanted or freed since.
               coalesce(r.retained_until > f.ended_at and r.retained_until <= workflow_pg_private.clock()
                        and d.disposed_at is null, false) as is_over
          from workflow_pg.events as c
          left join (select e.correlation_id, min(e.created_at) as disposed_at
                       from workflow_pg.events as e
                      where e.run_id = p_run_id
                        and e.event_type = 'hook_disposed'
                      group by e.correlation_id) as d on d.correlation_id = c.correlation_id
          cross join (select min(e.created_at) as ended_at
                        from workflow_pg.events as e
                       where e.run_id = p_run_id
                         and e.event_type in ('run_completed', 'run_failed', 'run_cancelled')) as f
          cross join lateral (select (c.facts ->> 'tokenRetentionUntil')::timestamptz as retained_until) as r
         where c.run_id = p_run_id
           and c.event_type in ('hook_created', 'hook_conflict')
    )
    select 'hook', h.correlation_id,
           jsonb_build_object(
               'status', case when h.is_conflict then 'conflict'
                              when h.disposed_at is null then 'live'
                              else 'disposed' end,
               'spec_version', h.spec_version,
               'token', h.token,
               'created_seq', h.seq,
               'created_at', h.created_at,
               'disposed_at', h.disposed_at)
           - case when h.is_over then '{status, disposed_at}'::text[] else '{}' end
      from hook as h
     union all
    select 'token', h.token,
           jsonb_build_object('hook_id', h.correlation_id)
      from hook as h
     where not h.is_conflict
       and h.disposed_at is null
       and not h.is_over;
end;
$$;

comment on function workflow_pg_private.fold_hooks is
    'The rows of a run''s hooks and of the tokens they hold as its events make them: entity (hook, token), its id, and the columns that the log decides, as JSON.';
