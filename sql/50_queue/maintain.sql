-- Housekeeping, a page per call: mend what cannot wake, forget old dedup keys.
--
-- Every worker calls it now and then with the position it got last. It acts only on
-- runs without an event for p_grace: what is being worked on mends itself.

create or replace function workflow_pg.maintain(
    p_after  text default '',
    p_limit  integer default 1000,
    p_grace  interval default '10 seconds',
    out next_after    text,
    out woken         integer,
    out redispatched  integer,
    out forgotten     integer
)
returns record
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := workflow_pg_private.clock();
begin
    perform workflow_pg_private.check_limit(p_limit);
    if (p_grace >= interval '0 seconds' and p_grace <= interval '1000 days') is not true then
        perform workflow_pg_private.refuse(
            'WF400', format('grace %s is out of range: 0 to 1000 days are allowed', coalesce(p_grace::text, 'null')),
            jsonb_build_object('argument', 'grace'));
    end if;
    next_after := workflow_pg_private.page_end(p_after, p_limit);

    perform workflow_pg_private.leave_wake(r, v_now)
       from (select distinct u.run_id
               from workflow_pg_private.find_unwakeable(p_after, next_after, v_now - p_grace) as u
              where u.violation in ('run', 'wait')) as u
       join workflow_pg.runs as r on r.run_id = u.run_id
      order by r.run_id;
    get diagnostics woken = row_count;

    perform workflow_pg_private.dispatch_step(r, s.step_id, s.step_name, v_now)
       from workflow_pg_private.find_unwakeable(p_after, next_after, v_now - p_grace) as u
       join workflow_pg.runs as r on r.run_id = u.run_id
       join workflow_pg.steps as s on s.run_id = u.run_id and s.step_id = u.entity_id
      where u.violation = 'step'
      order by r.run_id, s.step_id;
    get diagnostics redispatched = row_count;

    delete from workflow_pg_private.append_keys as k
     using workflow_pg.runs as r
     where k.run_id > p_after
       and (next_after is null or k.run_id <= next_after)
       and r.run_id = k.run_id
       and r.completed_at < v_now - interval '1 hour';
    get diagnostics forgotten = row_count;

    forgotten := forgotten + workflow_pg_private.forget_stream_calls(p_after, next_after, v_now)
               + workflow_pg_private.forget_start_keys(p_after, next_after, v_now);

    forgotten := forgotten + workflow_pg_private.release_tokens(p_after, next_after, v_now);
    perform workflow_pg_private.forget_waiters(p_after, next_after, v_now);

    if next_after is null then
        forgotten := forgotten + workflow_pg_private.forget_probes(v_now);
    end if;
end;
$$;

comment on function workflow_pg.maintain is
$$Mend one page of runs that nothing would wake, and forget what nobody will ask for any more: dedup
keys of runs that have been final for an hour, start keys that are free, tokens that were retained long enough, hour-old writers of streams
that are over, hour-old health checks with their answers.

p_after       next_after of the call before; '' to begin
p_limit       1 to 1000 runs per page
p_grace       leave runs alone that had an event within it, 0 to 1000 days
next_after    where to go on; null when the walk is over
woken         runs given a wake
redispatched  steps given a dispatch
forgotten     dedup keys, start keys, writers, and messages and answers of health checks deleted
raises        WF400 p_limit$$;
