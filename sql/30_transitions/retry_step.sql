-- pending, running -> pending, to be started again
--
-- The step's dispatch is moved to retry_after. A worker that is handling that very
-- dispatch moves it itself, by rescheduling its message.

create or replace function workflow_pg.retry_step(
    p_run_id        text,
    p_step_id       text,
    p_error         bytea,
    p_codec         workflow_pg.payload_codec default 'opaque',
    p_retry_after   timestamptz default null,
    p_spec_version  integer default 7,
    p_dedup_key     text default null,
    p_lease_token   uuid default null
)
returns workflow_pg.append_reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_facts constant jsonb := case when p_retry_after is not null then jsonb_build_object(
                                  'retryAfter', workflow_pg_private.iso_time(p_retry_after)) end;
    v_call           workflow_pg_private.append_call;
    v_run            workflow_pg.runs;
    v_step           workflow_pg.steps;
begin
    if p_retry_after is not null then
        perform workflow_pg_private.check_time('retry_after', p_retry_after);
    end if;
    v_call := workflow_pg_private.begin_append(
        p_run_id, 'step_retrying', p_step_id, v_facts, p_codec, p_error, p_spec_version, p_dedup_key);
    if v_call.repeat_of is not null then
        return workflow_pg_private.repeated_reply(p_run_id, v_call.repeat_of);
    end if;

    v_run := workflow_pg_private.number_event(p_run_id, 'step_retrying');

    update workflow_pg.steps as s
       set status      = 'pending',
           error_seq   = v_run.last_seq,
           updated_at  = v_run.last_event_at,
           retry_after = p_retry_after
     where s.run_id = p_run_id
       and s.step_id = p_step_id
       and (s.status = 'running' or s.status = 'pending' and v_run.status in ('pending', 'running'))
 returning s.*
      into v_step;

    if not found then
        perform workflow_pg_private.refuse_open_repeat(p_run_id, p_dedup_key, v_call.digest);
        perform workflow_pg_private.refuse_step('step_retrying', p_run_id, p_step_id);
    end if;

    if v_run.status in ('pending', 'running')
       and workflow_pg_private.holder(p_run_id, p_lease_token) is null
    then
        perform workflow_pg_private.dispatch_step(
            v_run, p_step_id, v_step.step_name, coalesce(p_retry_after, workflow_pg_private.clock()));
    end if;

    return workflow_pg_private.emit_event(
        v_run, 'step_retrying', p_step_id, v_facts, p_codec, p_error,
        p_spec_version, p_dedup_key, v_call.digest, p_lease_token, false, v_step.attempt);
end;
$$;

comment on function workflow_pg.retry_step is
$$Give a step back after a failed attempt, record step_retrying, and have it dispatched again.

p_run_id        the run
p_step_id       the step
p_error         what went wrong, at most 16 MiB
p_codec         opaque, cbor or json
p_retry_after   no attempt may begin before it; null: at once
p_spec_version  2 to 7
p_dedup_key     a repeat with the same key returns the first reply
p_lease_token   of the step's own dispatch, while its holder will reschedule it
returns         the event and the number of attempts begun
raises          WF400, WF404 no such run or step, WF409 the step is final, WF410 the run is final and
                the step was not running, WF413, WF426; 40001 repeat the call$$;
