-- Which of these waiters need not wait for the end of their run? Those that do are notified.
--
-- One call for all waiters of a process: the poll that everything rests on, and the
-- announcement that makes the end of a run notify. It must be committed before one waits.

create or replace function workflow_pg.announce_waiters(
    p_waiter_ids  text[],
    p_run_ids     text[],
    p_hints_for   interval default '30 seconds'
)
returns setof text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := workflow_pg_private.clock();
begin
    perform workflow_pg_private.check_waiters(p_waiter_ids, p_run_ids);
    if p_hints_for not between interval '0 seconds' and interval '1 hour' then
        perform workflow_pg_private.refuse(
            'WF400', format('%s is no time to be notified for: 0 seconds to 1 hour are', p_hints_for),
            jsonb_build_object('argument', 'hints for'));
    end if;

    if p_hints_for is not null then
        -- In one order, so that two calls do not wait for each other. A row that does not
        -- expire soon is left alone: most polls write nothing.
        insert into workflow_pg_private.run_waiters as w (run_id, waiter_id, expires_at)
        select distinct a.run_id, a.waiter_id, v_now + p_hints_for
          from unnest(p_waiter_ids, p_run_ids) as a (waiter_id, run_id)
         order by a.run_id, a.waiter_id
            on conflict (run_id, waiter_id) do update
           set expires_at = excluded.expires_at
         where w.expires_at < v_now + p_hints_for / 2;
    end if;

    return query
    select a.waiter_id
      from unnest(p_waiter_ids, p_run_ids) as a (waiter_id, run_id)
      left join lateral (
               select r.completed_at is null as is_live
                 from workflow_pg.runs as r
                where r.run_id = a.run_id
                limit 1) as run on true
     where run.is_live is not true;
end;
$$;

comment on function workflow_pg.announce_waiters is
$$Announce waiters for the end of runs, and say which need not wait. Until it expires, the end of the
run notifies on channel workflow_pg_runs with the waiter's id. That is a hint: call this every second
all the same.

p_waiter_ids  drawn by the caller, 0 to 1000 texts of 1 to 64 bytes
p_run_ids     for each, the run
p_hints_for   how long to notify, 0 seconds to 1 hour; null: not at all, only ask
returns       ids of those whose run is final or not there
raises        WF400$$;
