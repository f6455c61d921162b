-- Purge, a page per call, the runs that ask for it with the attribute $retention = 0.
--
-- A call of its own and not a part of maintain(), because it may take long: nobody waits for
-- what it locks but those who write to runs that are final. It waits for nobody: a run that
-- is locked, or of which a step is still executed, is left to the next walk.

create or replace function workflow_pg.purge_due_runs(
    p_after  text default '',
    p_limit  integer default 1000,
    out next_after  text,
    out purged      integer
)
returns record
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_events constant integer := 10000;
    v_runs             workflow_pg.runs[];
    v_due              text[];
begin
    perform workflow_pg_private.check_limit(p_limit);

    select p.run_id
      into next_after
      from workflow_pg_private.runs_to_purge as p
     where p.run_id > p_after
     order by p.run_id
    offset p_limit - 1
     limit 1;

    -- Whoever cancels a run may want to see why.
    delete from workflow_pg_private.runs_to_purge as p
     using workflow_pg.runs as r
     where p.run_id > p_after
       and (next_after is null or p.run_id <= next_after)
       and r.run_id = p.run_id
       and r.status = 'cancelled';

    v_runs := array(
        select r
          from workflow_pg_private.runs_to_purge as p
          join workflow_pg.runs as r on r.run_id = p.run_id
         where p.run_id > p_after
           and (next_after is null or p.run_id <= next_after)
           and r.status in ('completed', 'failed')
           and not exists (select from workflow_pg_private.messages as m
                            where m.run_id = p.run_id
                              and m.lease_until > workflow_pg_private.clock())
         order by p.run_id
           for update of r skip locked);

    v_due := array(
        select e.run_id
          from (select r.run_id, sum(r.last_seq) over (order by r.run_id) - r.last_seq as events_before
                  from unnest(v_runs) as r) as e
         where e.events_before < c_events
         order by e.run_id);

    perform from workflow_pg_private.purge_runs(v_due);
    purged := cardinality(v_due);
    if purged < cardinality(v_runs) then
        next_after := v_due[purged];
    end if;
end;
$$;

comment on function workflow_pg.purge_due_runs is
$$Purge one page of the runs that are completed or failed and whose attribute $retention is 0, as
purge_run does. Workers call it every few seconds.

p_after     next_after of the call before; '' to begin
p_limit     1 to 1000 runs to look at; a page also ends after the run with which it has purged 10,000
            events
next_after  where to go on; null when the walk is over
purged      how many runs were purged
raises      WF400 p_limit$$;
