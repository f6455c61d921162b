-- A delivery is done, as JSON.

create or replace function workflow_pg.json_ack_message(p_delivery jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    r_delivery record;
begin
    r_delivery := workflow_pg_private.wire_delivery(p_delivery);
    perform workflow_pg.ack_message(r_delivery.run_id, r_delivery.message_id, r_delivery.lease_token);
    return jsonb_build_object('acked', true);
end;
$$;

comment on function workflow_pg.json_ack_message is
$$Acknowledge a delivery: its message is deleted. A message that is gone already is no error.

p_delivery  {runId, messageId, leaseToken}; other keys are ignored
returns     {acked: true}
raises      WF400, WF409 the lease was lost$$;
