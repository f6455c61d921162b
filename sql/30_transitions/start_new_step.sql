-- absent -> running: a step that is created by whoever begins to execute it
--
-- Of those who try at the same moment one gets the step, and with it the right to execute
-- it. A step that is there is never started by this, whatever its status.

create or replace function workflow_pg.start_new_step(
    p_run_id            text,
    p_step_id           text,
    p_step_name         text,
    p_input             bytea,
    p_codec             workflow_pg.payload_codec default 'opaque',
    p_owner_message_id  text default null,
    p_spec_version      integer default 7,
    p_dedup_key         text default null,
    p_hold              interval default '15 seconds'
)
returns workflow_pg.step_detail
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_call    workflow_pg_private.append_call;
    v_run     workflow_pg.runs;
    v_detail  workflow_pg.step_detail;
begin
    perform workflow_pg_private.check_text('step name', p_step_name, 1024);
    perform workflow_pg_private.check_text('step id', p_step_id, 255);
    if p_owner_message_id is not null then
        perform workflow_pg_private.check_text('owner message id', p_owner_message_id, 255);
    end if;
    perform workflow_pg_private.check_hold(p_hold);
    if p_input is null then
        perform workflow_pg_private.refuse(
            'WF400', format('step %s of run %s needs an input to be created', p_step_id, coalesce(p_run_id, 'null')),
            jsonb_build_object('argument', 'input', 'run_id', p_run_id, 'id', p_step_id));
    end if;
    v_call := workflow_pg_private.begin_append(
        p_run_id, 'step_started', p_step_id,
        jsonb_build_object('stepName', p_step_name, 'ownerMessageId', p_owner_message_id),
        p_codec, p_input, p_spec_version, p_dedup_key);

    if v_call.repeat_of is null then
        v_run          := workflow_pg_private.number_events(p_run_id, 'step_started', 2);
        v_run.last_seq := v_run.last_seq - 1;
        v_call.repeat_of := (workflow_pg_private.bear_step(
            v_run, 'step_started', p_step_id, p_step_name, p_codec, p_input, p_owner_message_id,
            p_spec_version, p_dedup_key, v_call.digest, p_hold)).seq;
    end if;

    v_detail         := workflow_pg_private.step_detail(p_run_id, p_step_id, true, true);
    v_detail.attempt := 1;
    v_detail.seq     := v_call.repeat_of;
    return v_detail;
end;
$$;

comment on function workflow_pg.start_new_step is
$$Create a step of a live run and begin its first attempt, which the caller executes: step_created
and step_started, both or none. Of several who try, one succeeds; the others are refused, also when
the step has been given back since.

p_run_id            the run
p_step_id           correlation id, unique in its run, 1 to 255 bytes
p_step_name         as workers announce it, 1 to 1024 bytes
p_input             arguments, at most 16 MiB
p_codec             opaque, cbor or json
p_owner_message_id  the message of the run whose handler executes the step, so that it is not dispatched
                    while that lives; null: none
p_spec_version      2 to 7
p_dedup_key         a repeat with the same key returns the first reply
p_hold              how long the step is the caller's alone: then it is dispatched, unless it is over;
                    1 second to 1 hour
returns             the step, attempt 1; seq is that of step_started, step_created is right before it
raises              WF400, WF404 no such run, WF409 the step exists or the run is final, WF413, WF426;
                    40001 repeat the call$$;
