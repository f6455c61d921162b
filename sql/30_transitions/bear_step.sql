-- absent -> running: step_created and step_started at once
--
-- Its dispatch waits for p_hold, and for the end of message p_owner: the caller is executing
-- the step, and the dispatch is for the case that the caller dies.
--
-- p_event is for the refusal: what the caller has asked for.

create or replace function workflow_pg_private.bear_step(
    p_run           workflow_pg.runs,
    p_event         workflow_pg.event_type,
    p_step_id       text,
    p_step_name     text,
    p_codec         workflow_pg.payload_codec,
    p_input         bytea,
    p_owner         text,
    p_spec_version  integer,
    p_dedup_key     text,
    p_digest        bytea,
    p_hold          interval
)
returns workflow_pg.append_reply
language plpgsql volatile
as $$
declare
    v_run workflow_pg.runs := p_run;
begin
    v_run.last_seq := p_run.last_seq + 1;

    insert into workflow_pg.steps
           (run_id, step_id, status, spec_version, attempt, input_seq, created_at, updated_at, started_at, step_name)
    select v_run.run_id, p_step_id, 'running', p_spec_version, 1, v_run.last_seq,
           v_run.last_event_at, v_run.last_event_at, v_run.last_event_at, p_step_name
     where v_run.status in ('pending', 'running')
        on conflict (run_id, step_id) do nothing;

    if not found then
        perform workflow_pg_private.refuse_open_repeat(v_run.run_id, p_dedup_key, p_digest);
        perform workflow_pg_private.refuse_step(p_event, v_run.run_id, p_step_id, p_event = 'step_started');
    end if;

    perform workflow_pg_private.dispatch_step(
        v_run, p_step_id, p_step_name, workflow_pg_private.clock() + p_hold, p_owner);
    perform workflow_pg_private.emit_event(
        v_run, 'step_created', p_step_id, jsonb_build_object('stepName', p_step_name), p_codec, p_input,
        p_spec_version, null, null, null, false, 0);

    v_run.last_seq := v_run.last_seq + 1;
    return workflow_pg_private.emit_event(
        v_run, 'step_started', p_step_id,
        jsonb_strip_nulls(jsonb_build_object('attempt', 1, 'ownerMessageId', p_owner)), 'opaque', null,
        p_spec_version, p_dedup_key, p_digest, null, false, 1);
end;
$$;

comment on function workflow_pg_private.bear_step is
    'Create and start a step at the two positions after that of p_run. Raises WF409 when it exists or the run is final, 40001 when the same call has just done it.';
