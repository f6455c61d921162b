-- absent -> pending: the run with its attributes, its run_created, and its wake.
--
-- Shared by create_run and by a start_run that carries the run's input.

create or replace function workflow_pg_private.insert_run(
    p_run_id             text,
    p_workflow_name      text,
    p_codec              workflow_pg.payload_codec,
    p_input              bytea,
    p_deployment_id      text,
    p_execution_context  jsonb,
    p_spec_version       integer,
    p_dedup_key          text,
    p_digest             bytea,
    p_facts              jsonb
)
returns workflow_pg.append_reply
language plpgsql volatile
as $$
declare
    v_now constant timestamptz := workflow_pg_private.clock();
    v_run          workflow_pg.runs;
begin
    perform workflow_pg_private.check_text('workflow name', p_workflow_name, 1024);
    perform workflow_pg_private.check_text('deployment id', p_deployment_id, 255);

    if p_codec = 'json' then
        perform workflow_pg_private.check_json_input(p_input);
    end if;

    insert into workflow_pg.runs
           (run_id, status, spec_version, last_seq, last_event_at, created_at,
            workflow_name, deployment_id, queue_name)
    values (p_run_id, 'pending', p_spec_version, 1, v_now, v_now, p_workflow_name, p_deployment_id,
            workflow_pg_private.queue_name(p_execution_context ->> 'queueNamespace', p_workflow_name))
        on conflict (run_id) do nothing
 returning *
      into v_run;

    if not found then
        return null;
    end if;

    if p_facts ? 'attributes' then
        perform workflow_pg_private.merge_attributes(
            p_run_id, workflow_pg_private.attribute_changes(p_facts -> 'attributes'));
    end if;

    -- A start that was sent before its run replays it as well as a wake would.
    perform workflow_pg_private.leave_wake(v_run, v_now)
      where not exists (
           select
             from workflow_pg_private.messages as m
            where m.run_id = p_run_id
              and m.kind = 'start'
              and m.buried_at is null);
    return workflow_pg_private.emit_event(
        v_run, 'run_created', null, p_facts, p_codec, p_input,
        p_spec_version, p_dedup_key, p_digest, null, true);
end;
$$;

comment on function workflow_pg_private.insert_run is
    'Create a run with its attributes, its event and its wake; null when the run is there already. Raises WF400, WF422.';
