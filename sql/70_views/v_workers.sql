-- Who works, and what they serve.

create or replace view workflow_pg.v_workers as
select w.worker_id,
       w.deployment_id,
       w.namespace,
       w.is_idle,
       w.started_at,
       w.seen_at,
       w.workflows,
       w.steps
  from workflow_pg_private.workers as w;

comment on view workflow_pg.v_workers is
    'One row per worker that has not said goodbye; dead when seen_at is 15 s ago.';
comment on column workflow_pg.v_workers.worker_id is 'Drawn by the worker at its start: host, process and a random part.';
comment on column workflow_pg.v_workers.deployment_id is 'Whose messages it claims; * for all.';
comment on column workflow_pg.v_workers.namespace is 'Queue namespace it serves; null for none.';
comment on column workflow_pg.v_workers.is_idle is 'Whether it waits for a notification.';
comment on column workflow_pg.v_workers.started_at is 'Its first heartbeat.';
comment on column workflow_pg.v_workers.seen_at is 'Its last heartbeat.';
comment on column workflow_pg.v_workers.workflows is 'Names of the workflows it serves.';
comment on column workflow_pg.v_workers.steps is 'Names of the steps it serves.';
