-- pending, running -> completed
--
-- A step that was running when its run ended may still finish.

create or replace function workflow_pg.complete_step(
    p_run_id        text,
    p_step_id       text,
    p_result        bytea,
    p_codec         workflow_pg.payload_codec default 'opaque',
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
    v_step  workflow_pg.steps;
begin
    v_call := workflow_pg_private.begin_append(
        p_run_id, 'step_completed', p_step_id, null, p_codec, p_result, p_spec_version, p_dedup_key);
    if v_call.repeat_of is not null then
        return workflow_pg_private.repeated_reply(p_run_id, v_call.repeat_of);
    end if;

    v_run := workflow_pg_private.number_event(p_run_id, 'step_completed');

    update workflow_pg.steps as s
       set status       = 'completed',
           completed_at = v_run.last_event_at,
           updated_at   = v_run.last_event_at,
           outcome_seq  = v_run.last_seq,
           retry_after  = null
     where s.run_id = p_run_id
       and s.step_id = p_step_id
       and (s.status = 'running' or s.status = 'pending' and v_run.status in ('pending', 'running'))
 returning s.*
      into v_step;

    if not found then
        perform workflow_pg_private.refuse_open_repeat(p_run_id, p_dedup_key, v_call.digest);
        perform workflow_pg_private.refuse_step('step_completed', p_run_id, p_step_id);
    end if;

    perform workflow_pg_private.withdraw_dispatch(p_run_id, p_step_id);

    return workflow_pg_private.emit_event(
        v_run, 'step_completed', p_step_id, null, p_codec, p_result,
        p_spec_version, p_dedup_key, v_call.digest, p_lease_token, p_wake, v_step.attempt);
end;
$$;

comment on function workflow_pg.complete_step is
$$Finish a step with its result and record step_completed; the run is woken.

p_run_id        the run
p_step_id       the step
p_result        what the step returned, at most 16 MiB
p_codec         opaque, cbor or json
p_spec_version  2 to 7
p_dedup_key     a repeat with the same key returns the first reply
p_lease_token   of the delivery the caller is handling: while it is held the run is not woken, the
                caller does that
p_wake          false: the caller wakes the run itself
returns         the event and the number of attempts begun
raises          WF400, WF404 no such run or step, WF409 the step is final, WF410 the run is final and
                the step was not running, WF413, WF426; 40001 repeat the call$$;
