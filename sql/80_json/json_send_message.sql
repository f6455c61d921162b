-- Put a message of the protocol into the queue.
--
-- A step may be sent before it is created: then its message is kept as it is, for a handler
-- that creates it.

create or replace function workflow_pg.json_send_message(
    p_queue_name  text,
    p_message     jsonb,
    p_params      jsonb default null,
    p_body        bytea default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_params constant jsonb := workflow_pg_private.wire_object('params', p_params);
    v_step_id         text;
    v_run_id          text;
    v_kind            workflow_pg.message_kind;
    v_is_kept         boolean;
begin
    perform workflow_pg_private.wire_object('message', p_message);
    v_step_id := workflow_pg_private.wire_text(p_message, 'stepId');
    v_run_id  := case when p_message ? '__healthCheck'
                      then 'wrun_hc_' || workflow_pg_private.wire_text(p_message, 'correlationId')
                      else coalesce(workflow_pg_private.wire_text(p_message, 'runId'),
                                    workflow_pg_private.wire_text(p_message, 'workflowRunId')) end;
    v_kind    := coalesce(workflow_pg_private.wire_kind(v_params), workflow_pg_private.wire_message_kind(p_message));
    if v_kind = 'step' and not exists (
           select
             from workflow_pg.steps as s
            where s.run_id = v_run_id
              and s.step_id = v_step_id)
    then
        v_kind := 'custom';
    end if;
    v_is_kept := v_kind not in ('wake', 'step');

    return jsonb_build_object('messageId', workflow_pg.send_message(
        v_run_id, v_kind, workflow_pg_private.wire_text(v_params, 'messageId'), p_queue_name, v_step_id,
        case when v_is_kept then coalesce(p_body, convert_to(p_message::text, 'UTF8')) end,
        case when v_is_kept and p_body is null then 'json' else 'opaque' end::workflow_pg.payload_codec,
        workflow_pg_private.wire_text(v_params, 'idempotencyKey'),
        workflow_pg_private.wire_text(v_params, 'deploymentId'),
        workflow_pg_private.wire_seconds(v_params, 'delaySeconds', 0)));
end;
$$;

comment on function workflow_pg.json_send_message is
$$Send a message in the JSON of the World protocol: docs/json-door.md says what becomes of which.

p_queue_name  __wkf_workflow_<name>, or with a namespace; that of a run that exists is known
p_message     {runId, ...}, {workflowRunId, stepId, ...} or {__healthCheck, correlationId}
p_params      {idempotencyKey?, delaySeconds?, deploymentId?, messageId?, kind?}; null for none
p_body        bytes to deliver in place of p_message, for messages that are delivered as they are
returns       {messageId} of the message that will be delivered
raises        WF400, WF404 no such run, WF413$$;
