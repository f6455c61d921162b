-- What waits in the queue, by deployment and served name.

create or replace function workflow_pg.queue_stats()
returns table (
    deployment_id   text,
    serves          text,
    pending         bigint,
    due             bigint,
    delayed         bigint,
    leased          bigint,
    expired         bigint,
    buried          bigint,
    unserved        bigint,
    workers         bigint,
    oldest_due_at   timestamptz,
    oldest_due_age  interval
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := workflow_pg_private.clock();
begin
    return query
    with queues as (
        select m.deployment_id, m.serves, m.queue_name,
               count(*) filter (where m.lease_token is null and m.buried_at is null) as pending,
               count(*) filter (where m.lease_token is null and m.buried_at is null and not h.is_held
                                  and m.due_at <= v_now) as due,
               count(*) filter (where m.lease_until > v_now) as leased,
               count(*) filter (where m.lease_until <= v_now) as expired,
               count(*) filter (where m.buried_at is not null) as buried,
               min(m.due_at) filter (where m.lease_token is null and m.buried_at is null and not h.is_held
                                       and m.due_at <= v_now) as oldest_due_at
          from workflow_pg_private.messages as m
         cross join lateral (select m.held_by is not null and workflow_pg_private.is_held(m) as is_held) as h
         where not workflow_pg_private.is_probe(m.run_id)
         group by m.deployment_id, m.serves, m.queue_name
    )
    select q.deployment_id, q.serves, sum(q.pending)::bigint, sum(q.due)::bigint,
           sum(q.pending - q.due)::bigint, sum(q.leased)::bigint, sum(q.expired)::bigint, sum(q.buried)::bigint,
           coalesce(sum(q.pending + q.expired) filter (where w.workers = 0), 0)::bigint,
           max(w.workers), min(q.oldest_due_at), v_now - min(q.oldest_due_at)
      from queues as q
     cross join lateral workflow_pg_private.serving_workers(
                    q.deployment_id, q.serves, q.queue_name, v_now) as w (workers)
     group by q.deployment_id, q.serves
     order by q.deployment_id, q.serves;
end;
$$;

comment on function workflow_pg.queue_stats is
$$What is in the queue, one row per deployment and served name that has a message. Reads every message.
Health checks are left out: they are nobody's work.

deployment_id   whose workers may claim them
serves          name of a step or of a workflow
pending         messages that nobody holds: due + delayed
due             of these, those that a worker may claim now
delayed         of these, those that are to be delivered later, also steps that a delivery executes
                itself
leased          messages that a worker is handling
expired         messages whose worker has lost its lease; whoever claims next gets them
buried          messages that were given up; see list_buried
unserved        pending and expired messages whose name no live worker serves
workers         live workers that serve the name
oldest_due_at   due time of the oldest due message; null when none is due
oldest_due_age  how long it has been waiting$$;
