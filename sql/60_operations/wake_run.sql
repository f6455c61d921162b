-- Have a run replayed now, and its sleeps be over if that is wanted.

create or replace function workflow_pg.wake_run(
    p_run_id      text,
    p_with_waits  boolean default false,
    out message_id       text,
    out waits_completed  integer
)
returns record
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run workflow_pg.runs;
begin
    select r.*
      into v_run
      from workflow_pg.runs as r
     where r.run_id = p_run_id
       for no key update;

    if not found then
        perform workflow_pg_private.refuse(
            'WF404', format('run %s does not exist', coalesce(p_run_id, 'null')),
            jsonb_build_object('entity', 'run', 'id', p_run_id, 'run_id', p_run_id),
            'Check the run id and that this is the right database.');
    elsif v_run.status >= 'completed' then
        perform workflow_pg_private.refuse(
            'WF410', format('run %s is %s: there is nothing to wake', p_run_id, v_run.status),
            jsonb_build_object('entity', 'run', 'id', p_run_id, 'run_id', p_run_id, 'run_status', v_run.status),
            'Retry it to have its work done again.');
    elsif v_run.spec_version = 1 then
        perform workflow_pg_private.refuse(
            'WF426', format('run %s is legacy, of spec version 1: no worker replays it', p_run_id),
            jsonb_build_object('run_id', p_run_id, 'spec_version', 1), 'Cancel it, and start its work anew.');
    end if;

    perform workflow_pg.complete_wait(w.run_id, w.wait_id, v_run.spec_version, p_wake => false)
       from (select w.run_id, w.wait_id
               from workflow_pg.waits as w
              where w.run_id = p_run_id
                and w.status = 'waiting'
                and p_with_waits
              order by w.resume_at, w.wait_id) as w;
    get diagnostics waits_completed = row_count;

    message_id := workflow_pg_private.leave_wake(v_run, workflow_pg_private.clock());
end;
$$;

comment on function workflow_pg.wake_run is
$$Have a live run replayed now: leave it a wake, or make the pending one due. Harmless: a replay that
finds nothing new changes nothing.

p_run_id         the run
p_with_waits     true: its sleeps are over too, each recorded as wait_completed, the next one first
message_id       of the wake
waits_completed  how many sleeps were ended
raises           WF404 no such run, WF410 the run is final, WF426 it is legacy$$;
