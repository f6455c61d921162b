-- pending, running -> failed

create or replace function workflow_pg.fail_run(
    p_run_id        text,
    p_error         bytea,
    p_codec         workflow_pg.payload_codec default 'opaque',
    p_error_code    text default null,
    p_spec_version  integer default 7,
    p_dedup_key     text default null
)
returns workflow_pg.append_reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now   constant timestamptz := workflow_pg_private.clock();
    v_facts constant jsonb := case when p_error_code is not null
                                   then jsonb_build_object('errorCode', p_error_code) end;
    v_call           workflow_pg_private.append_call;
    v_run            workflow_pg.runs;
begin
    v_call := workflow_pg_private.begin_append(
        p_run_id, 'run_failed', null, v_facts, p_codec, p_error, p_spec_version, p_dedup_key);
    if v_call.repeat_of is not null then
        return workflow_pg_private.repeated_reply(p_run_id, v_call.repeat_of);
    end if;

    update workflow_pg.runs as r
       set status        = 'failed',
           completed_at  = greatest(r.last_event_at, v_now),
           outcome_seq   = r.last_seq + 1,
           last_seq      = r.last_seq + 1,
           last_event_at = greatest(r.last_event_at, v_now)
     where r.run_id = p_run_id
       and r.status in ('pending', 'running')
       and r.spec_version between 2 and 7
 returning r.*
      into v_run;

    if not found then
        perform workflow_pg_private.refuse_open_repeat(p_run_id, p_dedup_key, v_call.digest);
        perform workflow_pg_private.refuse_run('run_failed', p_run_id);
    end if;

    perform workflow_pg_private.end_run(v_run);
    return workflow_pg_private.emit_event(
        v_run, 'run_failed', null, v_facts, p_codec, p_error,
        p_spec_version, p_dedup_key, v_call.digest, null, false);
end;
$$;

comment on function workflow_pg.fail_run is
$$Fail a run and record run_failed; its hooks, waits and pending messages end with it.

p_run_id        the run
p_error         what went wrong, at most 16 MiB
p_codec         opaque, cbor or json
p_error_code    class of the error in plain text, for lists and alarms: USER_ERROR, ...
p_spec_version  2 to 7
p_dedup_key     a repeat with the same key returns the first reply
returns         the event and the run's status
raises          WF400, WF404 no such run, WF409 the run is final, WF413, WF426; 40001 repeat the call$$;
