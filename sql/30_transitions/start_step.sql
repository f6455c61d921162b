-- pending, running -> running, one attempt more
--
-- Also from running: a delivery after a crash starts the step again, and this is how
-- crashes consume attempts.

create or replace function workflow_pg.start_step(
    p_run_id            text,
    p_step_id           text,
    p_spec_version      integer default 7,
    p_dedup_key         text default null,
    p_owner_message_id  text default null
)
returns workflow_pg.step_detail
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_facts   jsonb;
    v_call    workflow_pg_private.append_call;
    v_now     timestamptz;
    v_run     workflow_pg.runs;
    v_step    workflow_pg.steps;
    v_detail  workflow_pg.step_detail;
begin
    if p_owner_message_id is not null then
        perform workflow_pg_private.check_text('owner message id', p_owner_message_id, 255);
        v_facts := jsonb_build_object('ownerMessageId', p_owner_message_id);
    end if;
    v_call := workflow_pg_private.begin_append(
        p_run_id, 'step_started', p_step_id, v_facts, 'opaque', null, p_spec_version, p_dedup_key);
    if v_call.repeat_of is not null then
        v_detail         := workflow_pg_private.step_detail(p_run_id, p_step_id, true, true);
        v_detail.attempt := (workflow_pg_private.repeated_reply(p_run_id, v_call.repeat_of)).attempt;
        v_detail.seq     := v_call.repeat_of;
        return v_detail;
    end if;

    v_run := workflow_pg_private.number_event(p_run_id, 'step_started');
    v_now := workflow_pg_private.clock();

    update workflow_pg.steps as s
       set status      = 'running',
           attempt     = s.attempt + 1,
           started_at  = coalesce(s.started_at, v_run.last_event_at),
           updated_at  = v_run.last_event_at,
           retry_after = null
     where s.run_id = p_run_id
       and s.step_id = p_step_id
       and s.status in ('pending', 'running')
       and v_run.status in ('pending', 'running')
       and (s.retry_after is null or s.retry_after <= v_now)
 returning s.*
      into v_step;

    if not found then
        perform workflow_pg_private.refuse_open_repeat(p_run_id, p_dedup_key, v_call.digest);
        perform workflow_pg_private.refuse_early_step(v_run, p_step_id, v_now);
        perform workflow_pg_private.refuse_step('step_started', p_run_id, p_step_id);
    end if;

    if p_owner_message_id is not null then
        perform workflow_pg_private.hold_dispatch(p_run_id, p_step_id, p_owner_message_id);
    end if;

    perform workflow_pg_private.emit_event(
        v_run, 'step_started', p_step_id,
        jsonb_strip_nulls(jsonb_build_object('attempt', v_step.attempt, 'ownerMessageId', p_owner_message_id)), 'opaque', null,
        p_spec_version, p_dedup_key, v_call.digest, null, false, v_step.attempt);
    v_detail     := workflow_pg_private.step_detail(p_run_id, p_step_id, true, true);
    v_detail.seq := v_run.last_seq;
    return v_detail;
end;
$$;

comment on function workflow_pg.start_step is
$$Begin an attempt of a step of a live run and record step_started; its retry_after is cleared.

p_run_id            the run
p_step_id           the step
p_spec_version      2 to 7
p_dedup_key         a repeat with the same key returns the same attempt and begins none
p_owner_message_id  the message of the run whose handler executes it itself, so that the step is not
                    dispatched while that lives; null: none
returns             the step with attempt, its input and its newest error
raises              WF400, WF404 no such run or step, WF409 the step is final, WF410 the run is final,
                    WF425 its retry_after lies ahead (DETAIL retry_after: seconds), WF426; 40001 repeat
                    the call$$;
