-- Does the queue move?

create or replace function workflow_pg_private.diagnose_queue(p_now timestamptz)
returns setof workflow_pg.finding
language plpgsql stable
as $$
declare
    v_expired    bigint;
    v_oldest_at  timestamptz;
    v_buried     bigint;
    v_retried    bigint;
    v_age        interval;
begin
    select count(*) filter (where m.lease_until <= p_now - interval '10 seconds'),
           min(m.due_at) filter (where m.lease_token is null and m.buried_at is null and not h.is_held),
           count(*) filter (where m.buried_at is not null and r.retried_as is null),
           count(*) filter (where m.buried_at is not null and r.retried_as is not null)
      into v_expired, v_oldest_at, v_buried, v_retried
      from workflow_pg_private.messages as m
     cross join lateral (select m.held_by is not null and workflow_pg_private.is_held(m) as is_held) as h
      left join workflow_pg.runs as r on m.buried_at is not null and r.run_id = m.run_id
     where not workflow_pg_private.is_probe(m.run_id);
    v_age := greatest(p_now - v_oldest_at, interval '0');

    return query
    select 'leases',
           case when v_expired > 0 then 'warning' else 'ok' end::workflow_pg.severity,
           case when v_expired > 0
                then format('messages of lost workers that nobody has claimed again within 10 s: %s', v_expired)
                else 'no message waits for the worker that lost it' end,
           case when v_expired > 0 then 'See `workflow-pg queue stats`: somebody has to serve these names.' end,
           jsonb_build_object('expired', v_expired);

    return query
    select 'backlog',
           case when v_age >= interval '10 minutes' then 'problem'
                when v_age >= interval '1 minute' then 'warning'
                else 'ok' end::workflow_pg.severity,
           case when v_age > interval '0'
                then format('the oldest due message has been waiting for %s', date_trunc('second', v_age))
                else 'no message is due' end,
           case when v_age >= interval '1 minute'
                then 'See `workflow-pg queue stats`: start a worker for what nobody serves, add workers or'
                     || ' concurrency for the rest.' end,
           jsonb_build_object('oldest_due_at', case when v_age > interval '0' then v_oldest_at end);

    return query
    select 'buried',
           case when v_buried > 0 then 'warning' else 'ok' end::workflow_pg.severity,
           case when v_buried > 0 then format('messages that were given up: %s', v_buried)
                when v_retried > 0
                then format('messages that were given up, all of runs that were retried since: %s', v_retried)
                else 'no message was given up' end,
           case when v_buried > 0 then 'See `workflow-pg queue dead`: retry their runs, or delete them.' end,
           jsonb_build_object('buried', v_buried, 'retried', v_retried);
end;
$$;

comment on function workflow_pg_private.diagnose_queue is
    'Findings leases, backlog and buried.';
