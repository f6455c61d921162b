-- Take messages to handle, under a lease, as JSON.

create or replace function workflow_pg.json_claim_messages(p_params jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_params constant jsonb := workflow_pg_private.wire_object('params', p_params);
begin
    return (
        select coalesce(jsonb_agg(workflow_pg_private.wire_message(m)), '[]')
          from workflow_pg.claim_messages(
                   workflow_pg_private.wire_text(v_params, 'workerId'),
                   coalesce(workflow_pg_private.wire_texts(v_params, 'workflows'), '{*}'),
                   coalesce(workflow_pg_private.wire_texts(v_params, 'steps'), '{}'),
                   workflow_pg_private.wire_small(v_params, 'limit', 1),
                   coalesce(workflow_pg_private.wire_text(v_params, 'deploymentId'), 'default'),
                   workflow_pg_private.wire_text(v_params, 'namespace'),
                   workflow_pg_private.wire_seconds(v_params, 'leaseSeconds', 15),
                   workflow_pg_private.wire_small(v_params, 'maxDeliveries', 64)) as m);
end;
$$;

comment on function workflow_pg.json_claim_messages is
$$Claim due messages for a worker, in the JSON of the World protocol: docs/json-door.md has their
fields. Each is delivered again when its lease ends without json_extend_leases.

p_params  {workerId, workflows?, steps?, limit?, deploymentId?, namespace?, leaseSeconds?,
          maxDeliveries?}; without workflows: all of the deployment, with their steps
returns   an array of deliveries
raises    WF400$$;
