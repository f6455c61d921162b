-- Every message of the queue, without its body and without the token of its lease.

create or replace view workflow_pg.v_queue as
select m.run_id,
       m.message_id,
       m.kind,
       case when m.buried_at is not null then 'buried'
            when m.lease_token is not null then 'leased'
            else 'pending' end as state,
       m.deployment_id,
       m.serves,
       m.queue_name,
       m.step_id,
       m.attempt,
       m.created_at,
       m.due_at,
       m.worker_id,
       m.lease_until,
       m.buried_at,
       octet_length(m.body) as body_bytes
  from workflow_pg_private.messages as m;

comment on view workflow_pg.v_queue is
    'One row per message that is not acknowledged, without its body and its errors, which are payloads. Fast by run_id.';
comment on column workflow_pg.v_queue.run_id is 'The run it is about, which need not exist yet.';
comment on column workflow_pg.v_queue.message_id is 'The message; stays through every delivery.';
comment on column workflow_pg.v_queue.kind is 'What it asks a worker to do.';
comment on column workflow_pg.v_queue.state is 'pending; leased: a worker handles it until lease_until, and has lost it after that; buried: it was given up.';
comment on column workflow_pg.v_queue.deployment_id is 'Whose workers may claim it.';
comment on column workflow_pg.v_queue.serves is 'Name that a worker must serve to claim it: of the step for kind step, else of the workflow.';
comment on column workflow_pg.v_queue.queue_name is 'Logical queue, with its namespace.';
comment on column workflow_pg.v_queue.step_id is 'The step to execute, for kind step.';
comment on column workflow_pg.v_queue.attempt is 'Deliveries since its last orderly return.';
comment on column workflow_pg.v_queue.created_at is 'When it was sent.';
comment on column workflow_pg.v_queue.due_at is 'Not to be delivered before.';
comment on column workflow_pg.v_queue.worker_id is 'Who holds it or held it last.';
comment on column workflow_pg.v_queue.lease_until is 'When its lease ends unless it is renewed; null when it is not leased.';
comment on column workflow_pg.v_queue.buried_at is 'When it was given up; null when it was not.';
comment on column workflow_pg.v_queue.body_bytes is 'Size of its body; null when it has none.';
