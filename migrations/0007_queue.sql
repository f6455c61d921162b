-- 0007  queue
--
-- Adds     tables messages and workers.
-- Locks    none: every object is new.
-- Safe     before the code that uses it (expand).
-- Undo     none. Migrations only go forward.

create table workflow_pg_private.messages (
    run_id           text collate "C"           not null,
    message_id       text collate "C"           not null,
    kind             workflow_pg.message_kind   not null,
    codec            workflow_pg.payload_codec  not null,
    attempt          integer                    not null,
    due_at           timestamptz                not null,
    created_at       timestamptz                not null,
    lease_until      timestamptz,
    buried_at        timestamptz,
    lease_token      uuid,
    deployment_id    text collate "C"           not null,
    serves           text collate "C"           not null,
    queue_name       text collate "C"           not null,
    worker_id        text collate "C",
    step_id          text collate "C",
    held_by          text collate "C",
    idempotency_key  text collate "C",
    last_error       text,
    body             bytea,

    constraint messages_pkey
        primary key (run_id, message_id),
    constraint messages_lease_until_iff_leased
        check ((lease_until is null) = (lease_token is null))
) with (fillfactor = 70);

comment on table workflow_pg_private.messages is
    'The queue. A row is pending (no lease token), leased, or buried; acknowledging deletes it.';
comment on column workflow_pg_private.messages.run_id is
    'The run it is about, which need not exist yet.';
comment on column workflow_pg_private.messages.message_id is
    '''msg_'' and a text drawn by the sender; stays through every delivery.';
comment on column workflow_pg_private.messages.kind is
    'See type message_kind.';
comment on column workflow_pg_private.messages.codec is
    'How to read body.';
comment on column workflow_pg_private.messages.attempt is
    'Deliveries since the last orderly return: raised by a claim, reset by a reschedule.';
comment on column workflow_pg_private.messages.due_at is
    'Not to be delivered before.';
comment on column workflow_pg_private.messages.created_at is
    'When it was sent.';
comment on column workflow_pg_private.messages.lease_until is
    'When its lease ends unless renewed; after that anybody may claim it again.';
comment on column workflow_pg_private.messages.buried_at is
    'When it was given up; kept for inspection, never delivered again.';
comment on column workflow_pg_private.messages.lease_token is
    'Drawn at each claim; every later call about the delivery must present it.';
comment on column workflow_pg_private.messages.deployment_id is
    'Which deployment''s workers may claim it.';
comment on column workflow_pg_private.messages.serves is
    'Name a worker must serve to claim it: the step''s for kind step, else the workflow''s.';
comment on column workflow_pg_private.messages.queue_name is
    'Logical queue that the handler is told; it ends with the workflow''s name.';
comment on column workflow_pg_private.messages.worker_id is
    'Who holds or last held it.';
comment on column workflow_pg_private.messages.step_id is
    'The step to execute, for kind step.';
comment on column workflow_pg_private.messages.held_by is
    'For kind step: the message of the run whose handler executes the step itself; while that lives nobody claims this one. Null: nobody.';
comment on column workflow_pg_private.messages.idempotency_key is
    'Binds while the message lives, per run.';
comment on column workflow_pg_private.messages.last_error is
    'Why the last delivery did not succeed, in words.';
comment on column workflow_pg_private.messages.body is
    'Content for the handler; null for wake and step, which say all in their columns.';

create unique index messages_run_id_idx_where_pending_wake
    on workflow_pg_private.messages (run_id)
 where kind = 'wake' and lease_token is null and buried_at is null;
comment on index workflow_pg_private.messages_run_id_idx_where_pending_wake is
    'One pending wake per run: a second one merges with it.';

create unique index messages_run_id_step_id_idx_where_dispatch
    on workflow_pg_private.messages (run_id, step_id)
 where kind = 'step' and buried_at is null;
comment on index workflow_pg_private.messages_run_id_step_id_idx_where_dispatch is
    'One living dispatch per step.';

create index messages_deployment_id_serves_due_at_idx_where_pending
    on workflow_pg_private.messages (deployment_id, serves, due_at)
 where lease_token is null and buried_at is null;
comment on index workflow_pg_private.messages_deployment_id_serves_due_at_idx_where_pending is
    'For claims of what is due, one probe for each served name.';

create index messages_deployment_id_serves_idx_where_leased
    on workflow_pg_private.messages (deployment_id, serves)
 where lease_token is not null;
comment on index workflow_pg_private.messages_deployment_id_serves_idx_where_leased is
    'For claims of what was lost. Without lease_until, so that renewing a lease stays HOT.';

create index messages_buried_at_run_id_message_id_idx_where_buried
    on workflow_pg_private.messages (buried_at, run_id, message_id)
 where buried_at is not null;
comment on index workflow_pg_private.messages_buried_at_run_id_message_id_idx_where_buried is
    'For the list of what was given up. No row enters it before.';

create table workflow_pg_private.workers (
    worker_id      text collate "C"  not null,
    deployment_id  text collate "C"  not null,
    namespace      text collate "C",
    is_idle        boolean           not null,
    seen_at        timestamptz       not null,
    started_at     timestamptz       not null,
    workflows      text[]            not null,
    steps          text[]            not null,

    constraint workers_pkey
        primary key (worker_id)
) with (fillfactor = 50);

comment on table workflow_pg_private.workers is
    'Who is working, what they serve, and who wants to be notified. Dead after 15 s without a heartbeat.';
comment on column workflow_pg_private.workers.worker_id is
    'Drawn by the worker at its start: host, process and a random part.';
comment on column workflow_pg_private.workers.deployment_id is
    'Whose messages it claims; * for all.';
comment on column workflow_pg_private.workers.namespace is
    'Queue namespace it serves; null for none.';
comment on column workflow_pg_private.workers.is_idle is
    'Whether it waits for a notification; only then is one sent.';
comment on column workflow_pg_private.workers.seen_at is
    'Its last heartbeat.';
comment on column workflow_pg_private.workers.started_at is
    'Its first heartbeat.';
comment on column workflow_pg_private.workers.workflows is
    'Names of the workflows it serves.';
comment on column workflow_pg_private.workers.steps is
    'Names of the steps it serves.';
