-- Why does this run not move? In words, everything that it waits for.

create or replace function workflow_pg.why(p_run_id text)
returns table (cause text, due_at timestamptz, sentence text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run constant workflow_pg.run_detail := workflow_pg.get_run(p_run_id, false, false);
    v_now constant timestamptz := workflow_pg_private.clock();
begin
    return query
    select w.cause, w.due_at, w.sentence
      from (select 1 as place, 'final' as cause, v_run.completed_at as due_at,
                   format('the run is %s%s', v_run.status, '; it was retried as ' || (
                       select r.retried_as from workflow_pg.runs as r where r.run_id = p_run_id)) as sentence
             where v_run.completed_at is not null
             union all
            select 1, 'legacy', null, 'the run is legacy, of spec version 1: no worker replays it, it can be cancelled'
             where v_run.completed_at is null and v_run.spec_version = 1
             union all
            select 2, m.cause, m.due_at, m.sentence
              from workflow_pg_private.why_messages(p_run_id, v_now) as m
             union all
            select 3, 'wait', w.resume_at, format('wait %s sleeps until %s', w.wait_id, workflow_pg_private.iso_time(w.resume_at))
              from workflow_pg.waits as w
             where w.run_id = p_run_id and w.status = 'waiting'
             union all
            select 4, 'hook', null, format('hook %s waits to be resumed by token %L', h.hook_id, h.token)
              from workflow_pg.hooks as h
             where h.run_id = p_run_id and h.status = 'live' and not h.is_system
             union all
            select 5, 'step', s.retry_after,
                   format('step %s (%s) is %s after %s attempts', s.step_id, s.step_name, s.status, s.attempt)
              from workflow_pg.steps as s
             where s.run_id = p_run_id and s.status < 'completed' and v_run.completed_at is null) as w
     order by w.place, w.due_at, w.sentence;
end;
$$;

comment on function workflow_pg.why is
$$What a run is waiting for, one row per thing, most pressing first; no row: see unwakeable_runs().

p_run_id  the run
cause     final, legacy, leased, unserved, queued, delayed, buried, wait, hook or step
due_at    when it is to happen, or happened, if there is such a time
sentence  for people
raises    WF404 no such run$$;
