-- Take messages to handle, under a lease.
--
-- Each served name is probed on its own, so messages that nobody serves never stand in
-- the way of others. Claiming locks no run but those it wakes from a sleep, and waits for
-- none of them. A replay is left alone while another replay of its run is leased: it would do
-- the same work at the same time.

create or replace function workflow_pg.claim_messages(
    p_worker_id       text,
    p_workflows       text[],
    p_steps           text[] default '{}',
    p_limit           integer default 1,
    p_deployment_id   text default 'default',
    p_namespace       text default null,
    p_lease           interval default '15 seconds',
    p_max_deliveries  integer default 64
)
returns setof workflow_pg.claimed_message
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_names                text[]      := p_workflows || p_steps;
    v_queues      constant text[]      := array(select workflow_pg_private.queue_name(p_namespace, n.name)
                                                  from unnest(p_workflows) as n (name));
    v_deployments constant text[]      := workflow_pg_private.claimable_deployments(p_deployment_id);
    v_prefix               text;
    v_now                  timestamptz;
begin
    perform workflow_pg_private.check_claim(p_worker_id, p_workflows, p_limit, p_lease);
    perform workflow_pg_private.check_text('deployment id', p_deployment_id, 255);
    perform workflow_pg_private.wake_due_waits(workflow_pg_private.clock(), 100);
    v_now := workflow_pg_private.clock();

    if '*' = any (p_workflows) then
        v_names  := workflow_pg_private.claimable_names(v_deployments);
        v_prefix := workflow_pg_private.queue_name(p_namespace, '');
    end if;

    return query
    with candidates as (
        select c.*
          from unnest(v_deployments) as d (deployment_id)
         cross join unnest(v_names) as n (name)
         cross join lateral workflow_pg_private.claimable_messages(
                        d.deployment_id, n.name, v_queues, v_prefix, v_now, p_limit) as c
    ), ranked as (
        select c.run_id, c.message_id, c.due_at,
               row_number() over (partition by c.run_id, case when c.kind = 'step' then c.message_id end
                                      order by c.due_at, c.message_id) as place
          from candidates as c
    ), chosen as materialized (
        select k.run_id, k.message_id, gen_random_uuid() as lease_token
          from ranked as k
         where k.place = 1
         order by k.due_at
         limit p_limit
    )
    update workflow_pg_private.messages as m
       set attempt     = m.attempt + 1,
           lease_token = c.lease_token,
           lease_until = v_now + p_lease,
           worker_id   = p_worker_id,
           held_by     = null
      from chosen as c
     where m.run_id = c.run_id
       and m.message_id = c.message_id
 returning m.run_id, m.message_id, m.kind, m.queue_name, m.deployment_id, m.step_id,
           case when m.kind = 'step' then m.serves end, m.idempotency_key, m.codec, m.body, m.attempt,
           m.attempt > p_max_deliveries, m.lease_token, m.lease_until;
end;
$$;

comment on function workflow_pg.claim_messages is
$$Claim due messages for a worker. Each is delivered again when its lease ends without renew_leases.

p_worker_id       who claims, 1 to 255 bytes
p_workflows       names of the workflows it serves; {*} for all workflows and steps, whatever they are
p_steps           names of the steps it serves; a step is claimed when its workflow is served too
p_limit           1 to 1000 messages
p_deployment_id   whose messages; * for all deployments
p_namespace       queue namespace of the workflows; null for none
p_lease           how long it may work without renewing; 1 second to 1 hour
p_max_deliveries  a message delivered more often comes as is_exhausted: bury_message it
returns           the deliveries; sleeps that are over have been turned into messages first
raises            WF400$$;
