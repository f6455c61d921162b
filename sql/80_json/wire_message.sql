-- A delivery as the protocol's handlers expect it.
--
-- Wakes and steps have no body: what their handlers are to be told is in columns. Runtimes
-- up to spec version 3 take steps from a queue of their own, newer ones from the workflow's.

create or replace function workflow_pg_private.wire_message(p_message workflow_pg.claimed_message)
returns jsonb
language plpgsql stable
as $$
declare
    v_queue    text := p_message.queue_name;
    v_message  jsonb;
    v_run      workflow_pg.runs;
begin
    if p_message.kind = 'step' then
        select r.*
          into v_run
          from workflow_pg.runs as r
         where r.run_id = p_message.run_id;
    end if;

    if v_run.spec_version <= 3 then
        v_queue   := regexp_replace(v_queue, '_wkf_workflow_.*$', '_wkf_step_') || p_message.step_name;
        v_message := jsonb_build_object(
            'workflowName', v_run.workflow_name, 'workflowRunId', p_message.run_id, 'stepId', p_message.step_id,
            'workflowStartedAt', trunc(extract(epoch from v_run.started_at) * 1000));
    elsif p_message.kind = 'step' then
        v_message := jsonb_build_object(
            'runId', p_message.run_id, 'stepId', p_message.step_id, 'stepName', p_message.step_name);
    elsif p_message.body is null then
        v_message := jsonb_build_object('runId', p_message.run_id);
    elsif p_message.codec = 'json' then
        v_message := workflow_pg_private.wire_payload('json', p_message.body);
    end if;

    return jsonb_build_object('isExhausted', p_message.is_exhausted) || workflow_pg_private.wire_compact(jsonb_build_object(
        'runId', p_message.run_id,
        'messageId', p_message.message_id,
        'kind', p_message.kind,
        'queueName', v_queue,
        'deploymentId', p_message.deployment_id,
        'attempt', p_message.attempt,
        'stepId', p_message.step_id,
        'stepName', p_message.step_name,
        'idempotencyKey', p_message.idempotency_key,
        'leaseToken', p_message.lease_token,
        'leaseUntil', workflow_pg_private.wire_iso(p_message.lease_until),
        'message', v_message,
        'body', case when v_message is null then workflow_pg_private.wire_bytes(p_message.body) end));
end;
$$;

comment on function workflow_pg_private.wire_message is
    'A delivery in camel case, with what its handler gets as message, or as body when that is no JSON.';
