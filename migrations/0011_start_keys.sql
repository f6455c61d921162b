-- 0011  start keys
--
-- Adds     table start_keys.
-- Locks    none: every object is new.
-- Safe     before the code that uses it (expand).
-- Undo     none. Migrations only go forward.

create table workflow_pg_private.start_keys (
    start_key   text collate "C"       not null,
    run_id      text collate "C"       not null,
    scope       workflow_pg.key_scope  not null,
    repeats     bigint                 not null,
    claimed_at  timestamptz            not null,
    expires_at  timestamptz,
    digest      bytea                  not null,

    constraint start_keys_pkey
        primary key (start_key),
    constraint start_keys_expires_at_iff_timed
        check ((expires_at is not null) = (scope = 'timed'))
) with (fillfactor = 70);

comment on table workflow_pg_private.start_keys is
    'Which run was started under which start key. Its key decides every race of starts, across all runs. A row whose key is free stays until maintain() takes it or a start takes it over.';
comment on column workflow_pg_private.start_keys.start_key is
    'Chosen by who starts, at most 1024 bytes; unique across the database, whatever the deployment and the workflow.';
comment on column workflow_pg_private.start_keys.run_id is
    'The run that it stands for.';
comment on column workflow_pg_private.start_keys.scope is
    'How long it does, as the start said that claimed it.';
comment on column workflow_pg_private.start_keys.repeats is
    'How many later starts were told this run.';
comment on column workflow_pg_private.start_keys.claimed_at is
    'When the run was started.';
comment on column workflow_pg_private.start_keys.expires_at is
    'When a key of scope timed is free again.';
comment on column workflow_pg_private.start_keys.digest is
    'sha256 over the name of the workflow and its input: a key stands for one start only.';

create index start_keys_run_id_idx
    on workflow_pg_private.start_keys (run_id);
comment on index workflow_pg_private.start_keys_run_id_idx is
    'For the deletion of a run.';

create index start_keys_run_id_idx_where_not_kept
    on workflow_pg_private.start_keys (run_id)
 where scope <> 'kept';
comment on index workflow_pg_private.start_keys_run_id_idx_where_not_kept is
    'For maintain(), which walks in the order of run ids and leaves kept keys alone.';
