-- absent -> waiting
--
-- The row is the timer: whoever claims next after resume_at wakes the run.

create or replace function workflow_pg.create_wait(
    p_run_id        text,
    p_wait_id       text,
    p_resume_at     timestamptz,
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
    v_facts constant jsonb := jsonb_build_object('resumeAt', workflow_pg_private.iso_time(p_resume_at));
    v_call           workflow_pg_private.append_call;
    v_run            workflow_pg.runs;
begin
    perform workflow_pg_private.check_time('resume_at', p_resume_at);
    perform workflow_pg_private.check_text('wait id', p_wait_id, 255);
    v_call := workflow_pg_private.begin_append(
        p_run_id, 'wait_created', p_wait_id, v_facts, 'opaque', null, p_spec_version, p_dedup_key);
    if v_call.repeat_of is not null then
        return workflow_pg_private.repeated_reply(p_run_id, v_call.repeat_of);
    end if;

    v_run := workflow_pg_private.number_event(p_run_id, 'wait_created');

    insert into workflow_pg.waits
           (run_id, wait_id, status, spec_version, is_woken, resume_at, created_at)
    select p_run_id, p_wait_id, 'waiting', p_spec_version, false, p_resume_at, v_run.last_event_at
     where v_run.status in ('pending', 'running')
        on conflict (run_id, wait_id) do nothing;

    if not found then
        perform workflow_pg_private.refuse_open_repeat(p_run_id, p_dedup_key, v_call.digest);
        perform workflow_pg_private.refuse_wait('wait_created', p_run_id, p_wait_id);
    end if;

    return workflow_pg_private.emit_event(
        v_run, 'wait_created', p_wait_id, v_facts, 'opaque', null,
        p_spec_version, p_dedup_key, v_call.digest, p_lease_token, p_wake);
end;
$$;

comment on function workflow_pg.create_wait is
$$Put a live run to sleep and record wait_created: it is woken when resume_at has passed.

p_run_id        the run
p_wait_id       correlation id, unique in its run, 1 to 255 bytes
p_resume_at     when the sleep is over
p_spec_version  2 to 7
p_dedup_key     a repeat with the same key returns the first reply
p_lease_token   of the delivery the caller is handling: while it is held the run is not woken
p_wake          false: the caller needs no replay for this event
returns         the event
raises          WF400, WF404 no such run, WF409 the wait was created before or the run is final,
                WF426; 40001 repeat the call$$;
