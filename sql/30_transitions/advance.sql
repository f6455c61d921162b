-- One step ends and the next is born running: three events, one call, one commit
--
-- For a caller that executes the steps of a run one after the other.

create or replace function workflow_pg.advance(
    p_run_id          text,
    p_step_id         text,
    p_result          bytea,
    p_next_step_id    text,
    p_next_step_name  text,
    p_next_input      bytea,
    p_codec           workflow_pg.payload_codec default 'opaque',
    p_spec_version    integer default 7,
    p_dedup_key       text default null,
    p_lease_token     uuid default null,
    p_wake            boolean default true,
    p_hold            interval default '15 seconds'
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
    v_call := workflow_pg_private.begin_advance(
        p_run_id, p_step_id, p_result, p_next_step_id, p_next_step_name, p_next_input,
        p_codec, p_spec_version, p_dedup_key, p_hold);
    if v_call.repeat_of is not null then
        return workflow_pg_private.repeated_reply(p_run_id, v_call.repeat_of);
    end if;

    v_run := workflow_pg_private.number_events(p_run_id, 'step_completed', 3);

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
    perform workflow_pg_private.emit_event(
        v_run, 'step_completed', p_step_id, null, p_codec, p_result,
        p_spec_version, null, null, p_lease_token, p_wake, v_step.attempt);

    return workflow_pg_private.bear_step(
        v_run, 'step_created', p_next_step_id, p_next_step_name, p_codec, p_next_input, null,
        p_spec_version, p_dedup_key, v_call.digest, p_hold);
end;
$$;

comment on function workflow_pg.advance is
$$Finish a step with its result, create the next one, and begin its first attempt, which the caller
executes: step_completed, step_created and step_started, all or none.

p_run_id          the run
p_step_id         the step that is done
p_result          what it returned, at most 16 MiB
p_next_step_id    correlation id of the next, unique in its run, 1 to 255 bytes
p_next_step_name  as workers announce it, 1 to 1024 bytes
p_next_input      its arguments, at most 16 MiB
p_codec           opaque, cbor or json, for both
p_spec_version    2 to 7
p_dedup_key       a repeat with the same key returns the first reply
p_lease_token     of the delivery the caller is handling: while it is held the run is not woken
p_wake            false: the caller wakes the run itself
p_hold            how long the next step is the caller's alone: then it is dispatched, unless it is
                  over; 1 second to 1 hour
returns           step_started of the next step, attempt 1
raises            what complete_step and create_step raise: WF400, WF404, WF409, WF410, WF413, WF426;
                  40001 repeat the call$$;
