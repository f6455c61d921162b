-- Who works, and who has died lately.

create or replace function workflow_pg.list_workers(
    p_deployment_id  text default null,
    p_is_alive       boolean default null
)
returns table (
    worker_id      text,
    deployment_id  text,
    namespace      text,
    is_alive       boolean,
    is_idle        boolean,
    in_flight      bigint,
    started_at     timestamptz,
    seen_at        timestamptz,
    seen_age       interval,
    workflows      text[],
    steps          text[]
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := workflow_pg_private.clock();
begin
    return query
    select w.worker_id, w.deployment_id, w.namespace, l.is_alive, w.is_idle, coalesce(h.in_flight, 0),
           w.started_at, w.seen_at, v_now - w.seen_at, w.workflows, w.steps
      from workflow_pg_private.workers as w
     cross join lateral (
               select w.seen_at > v_now - interval '15 seconds' as is_alive) as l
      left join (
               select m.worker_id, count(*) as in_flight
                 from workflow_pg_private.messages as m
                where m.lease_token is not null
                  and m.lease_until > v_now
                group by m.worker_id) as h on h.worker_id = w.worker_id
     where (p_deployment_id is null or w.deployment_id in (p_deployment_id, '*'))
       and (p_is_alive is null or l.is_alive = p_is_alive)
     order by l.is_alive desc, w.deployment_id, w.started_at, w.worker_id;
end;
$$;

comment on function workflow_pg.list_workers is
$$The workers that are alive, and those that died without a goodbye in the last hour.

p_deployment_id  only workers that claim messages of this deployment; null for all
p_is_alive       only those that are alive (true) or dead (false); null for all
deployment_id    whose messages it claims; * for all
namespace        queue namespace it serves; null for none
is_alive         whether its last heartbeat is less than 15 s old
is_idle          whether it waits to be notified
in_flight        messages it is handling
seen_at          its last heartbeat
seen_age         how long ago that was
workflows, steps names it serves$$;
