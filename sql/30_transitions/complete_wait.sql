-- waiting -> completed, on time or early

create or replace function workflow_pg.complete_wait(
    p_run_id        text,
    p_wait_id       text,
    p_spec_version  integer default 7,
    p_dedup_key     text default null,
    p_lease_token   uuid default null,
    p_wake          boolean default true
)
returns workflow_pg.append_reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_call  workflow_pg_private.append_call;
    v_run   workflow_pg.runs;
begin
    v_call := workflow_pg_private.begin_append(
        p_run_id, 'wait_completed', p_wait_id, null, 'opaque', null, p_spec_version, p_dedup_key);
    if v_call.repeat_of is not null then
        return workflow_pg_private.repeated_reply(p_run_id, v_call.repeat_of);
    end if;

    v_run := workflow_pg_private.number_event(p_run_id, 'wait_completed');

    update workflow_pg.waits as w
       set status       = 'completed',
           completed_at = v_run.last_event_at
     where w.run_id = p_run_id
       and w.wait_id = p_wait_id
       and w.status = 'waiting'
       and v_run.status in ('pending', 'running')
       and v_run.spec_version > 1;

    -- A legacy run is only told: number_event has let it through.
    if not found and v_run.spec_version > 1 then
        perform workflow_pg_private.refuse_open_repeat(p_run_id, p_dedup_key, v_call.digest);
        perform workflow_pg_private.refuse_wait('wait_completed', p_run_id, p_wait_id);
    end if;

    return workflow_pg_private.emit_event(
        v_run, 'wait_completed', p_wait_id, null, 'opaque', null,
        p_spec_version, p_dedup_key, v_call.digest, p_lease_token, p_wake);
end;
$$;

comment on function workflow_pg.complete_wait is
$$End a sleep, on time or early, record wait_completed, and wake the run.

p_run_id        the run
p_wait_id       the wait
p_spec_version  2 to 7
p_dedup_key     a repeat with the same key returns the first reply
p_lease_token   of the delivery the caller is handling: while it is held the run is not woken
p_wake          false: the caller wakes the run itself
returns         the event
raises          WF400, WF404 no such run or wait, WF409 completed before, or the run is final, WF426;
                40001 repeat the call$$;
