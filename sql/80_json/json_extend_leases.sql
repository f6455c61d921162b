-- Keep deliveries that are still being worked on, as JSON.

create or replace function workflow_pg.json_extend_leases(
    p_deliveries  jsonb,
    p_params      jsonb default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_params     constant jsonb := workflow_pg_private.wire_object('params', p_params);
    v_deliveries constant jsonb := workflow_pg_private.wire_object('deliveries', p_deliveries, 'array');
    v_run_ids             text[];
    v_message_ids         text[];
    v_lease_tokens        uuid[];
begin
    select array_agg(d.run_id), array_agg(d.message_id), array_agg(d.lease_token)
      into v_run_ids, v_message_ids, v_lease_tokens
      from jsonb_array_elements(v_deliveries) as e (value)
     cross join lateral workflow_pg_private.wire_delivery(e.value) as d;

    return jsonb_build_object('held', (
        select coalesce(jsonb_agg(h.message_id), '[]')
          from workflow_pg.renew_leases(
                   v_run_ids, v_message_ids, v_lease_tokens,
                   workflow_pg_private.wire_seconds(v_params, 'leaseSeconds', 15)) as h (message_id)));
end;
$$;

comment on function workflow_pg.json_extend_leases is
$$Extend the leases of deliveries, all in one call.

p_deliveries  an array of {runId, messageId, leaseToken}; other keys are ignored
p_params      {leaseSeconds?} from now, 1 to 3600, 15 when absent; null for none
returns       {held}: the message ids still held; a delivery that is missing was lost
raises        WF400$$;
