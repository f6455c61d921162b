-- A delivery goes back to the queue, as JSON.

create or replace function workflow_pg.json_release_message(
    p_delivery  jsonb,
    p_params    jsonb default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_params constant jsonb := workflow_pg_private.wire_object('params', p_params);
    v_error  constant text  := workflow_pg_private.wire_text(v_params, 'error');
    v_delay  constant interval := workflow_pg_private.wire_seconds(v_params, 'delaySeconds', null);
    r_delivery        record;
begin
    r_delivery := workflow_pg_private.wire_delivery(p_delivery);

    if v_error is not null and v_delay is not null then
        perform workflow_pg_private.refuse(
            'WF400', 'a delivery that failed has a delay of its own: pass error or delaySeconds',
            jsonb_build_object('argument', 'delaySeconds'));
    elsif v_error is not null then
        perform workflow_pg.nack_message(r_delivery.run_id, r_delivery.message_id, r_delivery.lease_token, v_error);
    elsif v_delay is not null then
        perform workflow_pg.reschedule_message(
            r_delivery.run_id, r_delivery.message_id, r_delivery.lease_token, v_delay,
            workflow_pg_private.wire_text(v_params, 'idempotencyKey'));
    else
        perform workflow_pg.release_message(r_delivery.run_id, r_delivery.message_id, r_delivery.lease_token);
    end if;

    return jsonb_build_object('released', true);
end;
$$;

comment on function workflow_pg.json_release_message is
$$Give a delivery back: after {error}, to be delivered again with a growing delay; in order with
{delaySeconds}, its count of deliveries starts anew; else untouched, due at once.

p_delivery  {runId, messageId, leaseToken}; other keys are ignored
p_params    {error} or {delaySeconds, idempotencyKey?}; null for neither
returns     {released: true}
raises      WF400, WF409 the lease was lost$$;
