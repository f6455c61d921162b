-- Is anybody working, and for whom?

create or replace function workflow_pg_private.diagnose_workers()
returns setof workflow_pg.finding
language plpgsql stable
as $$
declare
    v_alive    bigint;
    v_dead     bigint;
    v_waiting  bigint;
    v_names    text;
begin
    select count(*) filter (where w.is_alive), count(*) filter (where not w.is_alive)
      into v_alive, v_dead
      from workflow_pg.list_workers() as w;

    return query
    select 'workers',
           case when v_alive = 0 or v_dead > 0 then 'warning' else 'ok' end::workflow_pg.severity,
           format('workers alive: %s; died without a goodbye in the last hour: %s', v_alive, v_dead),
           case when v_alive = 0 then 'Start one: `workflow-pg worker MODULE:REGISTRY`.'
                when v_dead > 0 then 'See `workflow-pg workers`, and why they died.' end,
           jsonb_build_object('alive', v_alive, 'dead', v_dead);

    select coalesce(sum(q.unserved), 0)::bigint,
           string_agg(format('%s in deployment %s', q.serves, q.deployment_id), ', ' order by q.oldest_due_at, q.serves)
      into v_waiting, v_names
      from workflow_pg.queue_stats() as q
     where q.unserved > 0;

    return query
    select 'served',
           case when v_waiting > 0 then 'problem' else 'ok' end::workflow_pg.severity,
           case when v_waiting > 0
                then format('messages whose name no live worker serves: %s, for %s', v_waiting, left(v_names, 300))
                else 'every waiting message has a live worker that serves it' end,
           case when v_waiting > 0 then 'Start a worker of that deployment with the app that has these names.' end,
           jsonb_build_object('unserved', v_waiting);
end;
$$;

comment on function workflow_pg_private.diagnose_workers is
    'Findings workers and served.';
