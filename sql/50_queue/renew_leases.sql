-- Keep deliveries that are still being worked on, all in one call.
--
-- Locked in the order of their keys, so that two who wait for deliveries of each other do
-- not wait in a circle; a lease is counted from when the last of them is locked.

create or replace function workflow_pg.renew_leases(
    p_run_ids       text[],
    p_message_ids   text[],
    p_lease_tokens  uuid[],
    p_lease         interval default '15 seconds'
)
returns setof text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now timestamptz;
begin
    perform workflow_pg_private.check_lease(p_lease);

    perform
       from workflow_pg_private.messages as m
       join unnest(p_run_ids, p_message_ids, p_lease_tokens) as h (run_id, message_id, lease_token)
         on m.run_id = h.run_id
        and m.message_id = h.message_id
        and m.lease_token = h.lease_token
      order by m.run_id, m.message_id
        for no key update of m;

    v_now := workflow_pg_private.clock();
    return query
    update workflow_pg_private.messages as m
       set lease_until = v_now + p_lease
      from unnest(p_run_ids, p_message_ids, p_lease_tokens) as h (run_id, message_id, lease_token)
     where m.run_id = h.run_id
       and m.message_id = h.message_id
       and m.lease_token = h.lease_token
 returning m.message_id;
end;
$$;

comment on function workflow_pg.renew_leases is
$$Extend the leases of deliveries to p_lease from now; one that has ended but that nobody took is
extended too.

p_run_ids, p_message_ids, p_lease_tokens  of the deliveries, in parallel arrays
p_lease  1 second to 1 hour
returns  the message ids still held; a delivery that is missing was lost: stop working on it
raises   WF400$$;
