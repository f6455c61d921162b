-- Live runs that nothing would ever wake, between two run ids.
--
-- Three kinds, see unwakeable_runs. The walk is over the index of live runs; each probe
-- is a lateral join that stops at the first row, so that no plan hashes a whole table.

create or replace function workflow_pg_private.find_unwakeable(
    p_after        text,
    p_until        text,
    p_quiet_since  timestamptz
)
returns table (run_id text, violation text, entity_id text)
language plpgsql stable
as $$
begin
    return query
    select r.run_id, v.violation, v.entity_id
      from workflow_pg.runs as r
      left join lateral (
               select true as is_there from workflow_pg_private.messages as m
                where m.run_id = r.run_id and m.buried_at is null limit 1) as message on true
      left join lateral (
               select true as is_there from workflow_pg_private.messages as m
                where m.run_id = r.run_id and m.buried_at is null and m.kind <> 'step' limit 1) as replay on true
     cross join lateral (
               select 'run'::text as violation, r.run_id as entity_id
                where message.is_there is null
                  and not exists (select from workflow_pg.waits as w
                                   where w.run_id = r.run_id and w.status = 'waiting' and not w.is_woken)
                  and not exists (select from workflow_pg.hooks as h
                                   where h.run_id = r.run_id and h.status = 'live' and not h.is_system)
                  and not exists (select from workflow_pg.steps as s
                                   where s.run_id = r.run_id and s.status < 'completed')
                union all
               select 'step', s.step_id
                 from workflow_pg.steps as s
                where s.run_id = r.run_id and s.status < 'completed'
                  and not exists (select from workflow_pg_private.messages as m
                                   where m.run_id = r.run_id and m.step_id = s.step_id
                                     and m.kind = 'step' and m.buried_at is null)
                union all
               select 'wait', w.wait_id
                 from workflow_pg.waits as w
                where w.run_id = r.run_id and w.status = 'waiting' and w.is_woken
                  and replay.is_there is null) as v
     where r.status in ('pending', 'running')
       and r.spec_version between 2 and 7
       and r.run_id > p_after
       and (p_until is null or r.run_id <= p_until)
       and r.last_event_at <= p_quiet_since;
end;
$$;

comment on function workflow_pg_private.find_unwakeable is
    'Violations of unwakeable_runs() among live runs with p_after < run_id <= p_until and no event after p_quiet_since.';
