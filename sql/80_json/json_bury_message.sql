-- Give a message up, as JSON.

create or replace function workflow_pg.json_bury_message(
    p_delivery  jsonb,
    p_params    jsonb
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_params constant jsonb := workflow_pg_private.wire_object('params', p_params);
    r_delivery        record;
begin
    r_delivery := workflow_pg_private.wire_delivery(p_delivery);
    perform workflow_pg.bury_message(
        r_delivery.run_id, r_delivery.message_id, r_delivery.lease_token,
        workflow_pg_private.wire_text(v_params, 'error'),
        coalesce(workflow_pg_private.wire_text(v_params, 'errorName'), 'MaxDeliveriesExceeded'),
        coalesce(workflow_pg_private.wire_text(v_params, 'errorCode'), 'MAX_DELIVERIES_EXCEEDED'));
    return jsonb_build_object('buried', true);
end;
$$;

comment on function workflow_pg.json_bury_message is
$$Give a message up: a step's fails its step, any other fails its run. The message is kept, buried.

p_delivery  {runId, messageId, leaseToken}; other keys are ignored
p_params    {error, errorName?, errorCode?}: one sentence for people, the class of the error, the
            errorCode of the run
returns     {buried: true}
raises      WF400, WF409 the lease was lost$$;
