-- pending, running -> completed

create or replace function workflow_pg.complete_run(
    p_run_id        text,
    p_output        bytea,
    p_codec         workflow_pg.payload_codec default 'opaque',
    p_spec_version  integer default 7,
    p_dedup_key     text default null
)
returns workflow_pg.append_reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now   constant timestamptz := workflow_pg_private.clock();
    v_call           workflow_pg_private.append_call;
    v_run            workflow_pg.runs;
begin
    v_call := workflow_pg_private.begin_append(
        p_run_id, 'run_completed', null, null, p_codec, p_output, p_spec_version, p_dedup_key);
    if v_call.repeat_of is not null then
        return workflow_pg_private.repeated_reply(p_run_id, v_call.repeat_of);
    end if;

    update workflow_pg.runs as r
       set status        = 'completed',
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
        perform workflow_pg_private.refuse_run('run_completed', p_run_id);
    end if;

    perform workflow_pg_private.end_run(v_run);
    return workflow_pg_private.emit_event(
        v_run, 'run_completed', null, null, p_codec, p_output,
        p_spec_version, p_dedup_key, v_call.digest, null, false);
end;
$$;

comment on function workflow_pg.complete_run is
$$Finish a run with its output and record run_completed; its hooks, waits and pending messages end with it.

p_run_id        the run
p_output        what the workflow returned, at most 16 MiB; null when it has none
p_codec         opaque, cbor or json
p_spec_version  2 to 7
p_dedup_key     a repeat with the same key returns the first reply
returns         the event and the run's status
raises          WF400, WF404 no such run, WF409 the run is final, WF413, WF426; 40001 repeat the call$$;
