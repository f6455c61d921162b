-- absent -> pending, with the message that has the step executed
--
-- SDKs never dispatch a step again that they find created in the log, so the dispatch
-- is left in the same transaction or the run could hang for ever.

create or replace function workflow_pg.create_step(
    p_run_id        text,
    p_step_id       text,
    p_step_name     text,
    p_input         bytea,
    p_codec         workflow_pg.payload_codec default 'opaque',
    p_spec_version  integer default 7,
    p_dedup_key     text default null
)
returns workflow_pg.append_reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_facts constant jsonb := jsonb_build_object('stepName', p_step_name);
    v_call           workflow_pg_private.append_call;
    v_run            workflow_pg.runs;
begin
    perform workflow_pg_private.check_text('step name', p_step_name, 1024);
    perform workflow_pg_private.check_text('step id', p_step_id, 255);
    v_call := workflow_pg_private.begin_append(
        p_run_id, 'step_created', p_step_id, v_facts, p_codec, p_input, p_spec_version, p_dedup_key);
    if v_call.repeat_of is not null then
        return workflow_pg_private.repeated_reply(p_run_id, v_call.repeat_of);
    end if;

    v_run := workflow_pg_private.number_event(p_run_id, 'step_created');

    insert into workflow_pg.steps
           (run_id, step_id, status, spec_version, attempt, input_seq, created_at, updated_at, step_name)
    select p_run_id, p_step_id, 'pending', p_spec_version, 0, v_run.last_seq,
           v_run.last_event_at, v_run.last_event_at, p_step_name
     where v_run.status in ('pending', 'running')
        on conflict (run_id, step_id) do nothing;

    if not found then
        perform workflow_pg_private.refuse_open_repeat(p_run_id, p_dedup_key, v_call.digest);
        perform workflow_pg_private.refuse_step('step_created', p_run_id, p_step_id);
    end if;

    perform workflow_pg_private.dispatch_step(v_run, p_step_id, p_step_name, workflow_pg_private.clock());
    return workflow_pg_private.emit_event(
        v_run, 'step_created', p_step_id, v_facts, p_codec, p_input,
        p_spec_version, p_dedup_key, v_call.digest, null, false, 0);
end;
$$;

comment on function workflow_pg.create_step is
$$Create a step of a live run, record step_created, and leave the message that has it executed.

p_run_id        the run
p_step_id       correlation id, unique in its run, 1 to 255 bytes
p_step_name     as workers announce it: step//module//function for the SDKs, 1 to 1024 bytes
p_input         arguments, at most 16 MiB
p_codec         opaque, cbor or json
p_spec_version  2 to 7
p_dedup_key     a repeat with the same key returns the first reply
returns         the event and attempt 0
raises          WF400, WF404 no such run, WF409 the step exists or the run is final, WF413, WF426;
                40001 repeat the call$$;
