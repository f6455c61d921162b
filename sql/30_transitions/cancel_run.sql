-- pending, running -> cancelled

create or replace function workflow_pg.cancel_run(
    p_run_id        text,
    p_reason        text default null,
    p_spec_version  integer default 7,
    p_dedup_key     text default null
)
returns workflow_pg.append_reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now   constant timestamptz := workflow_pg_private.clock();
    v_facts constant jsonb := case when p_reason is not null
                                   then jsonb_build_object('cancelReason', p_reason) end;
    v_call           workflow_pg_private.append_call;
    v_run            workflow_pg.runs;
begin
    perform workflow_pg_private.check_cancel_reason(p_reason);
    v_call := workflow_pg_private.begin_append(
        p_run_id, 'run_cancelled', null, v_facts, 'opaque', null, p_spec_version, p_dedup_key);
    if v_call.repeat_of is not null then
        return workflow_pg_private.repeated_reply(p_run_id, v_call.repeat_of);
    end if;

    update workflow_pg.runs as r
       set status        = 'cancelled',
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
        perform workflow_pg_private.refuse_run('run_cancelled', p_run_id);
        perform workflow_pg_private.cancel_legacy_runs(array[p_run_id]);
        return workflow_pg_private.unmoved_reply(p_run_id, 'run_cancelled', 'cancelled');
    end if;

    perform workflow_pg_private.end_run(v_run);
    return workflow_pg_private.emit_event(
        v_run, 'run_cancelled', null, v_facts, 'opaque', null,
        p_spec_version, p_dedup_key, v_call.digest, null, false);
end;
$$;

comment on function workflow_pg.cancel_run is
$$Cancel a run and record run_cancelled; its hooks, waits and pending messages end with it.
Steps that are running may still finish. A cancelled run is returned and nothing is written; a legacy
run is cancelled without an event.

p_run_id        the run
p_reason        for people, at most 512 UTF-16 units
p_spec_version  2 to 7
p_dedup_key     a repeat with the same key returns the first reply
returns         the event (seq null: nothing written) and the run's status
raises          WF400, WF404 no such run, WF409 the run is completed or failed, WF422 the reason is too
                long, WF426; 40001 repeat the call$$;
