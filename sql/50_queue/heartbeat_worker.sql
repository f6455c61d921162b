-- A worker says that it lives and what it serves.

create or replace function workflow_pg.heartbeat_worker(
    p_worker_id      text,
    p_workflows      text[],
    p_steps          text[] default '{}',
    p_deployment_id  text default 'default',
    p_namespace      text default null
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := workflow_pg_private.clock();
begin
    perform workflow_pg_private.check_text('worker id', p_worker_id, 255);
    perform workflow_pg_private.check_text('deployment id', p_deployment_id, 255);

    insert into workflow_pg_private.workers as w
           (worker_id, deployment_id, namespace, is_idle, seen_at, started_at, workflows, steps)
    values (p_worker_id, p_deployment_id, p_namespace, false, v_now, v_now,
            coalesce(p_workflows, '{}'), coalesce(p_steps, '{}'))
        on conflict (worker_id) do update
       set seen_at   = excluded.seen_at,
           workflows = excluded.workflows,
           steps     = excluded.steps;

    delete from workflow_pg_private.workers as w
     where w.seen_at < v_now - interval '1 hour';
end;
$$;

comment on function workflow_pg.heartbeat_worker is
$$Announce a worker, every 5 s; after 15 s of silence it counts as dead, after an hour its row goes.

p_worker_id      drawn at its start, 1 to 255 bytes
p_workflows      names of the workflows it serves; {*} for all, with all steps
p_steps          names of the steps it serves
p_deployment_id  whose messages it claims; * for all
p_namespace      queue namespace it serves; null for none
raises           WF400$$;
