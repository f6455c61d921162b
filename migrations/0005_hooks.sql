-- 0005  hooks
--
-- Adds     tables hooks and hook_tokens.
-- Locks    none: every object is new.
-- Safe     before the code that uses it (expand).
-- Undo     none. Migrations only go forward.

create table workflow_pg.hooks (
    run_id        text collate "C"         not null,
    hook_id       text collate "C"         not null,
    status        workflow_pg.hook_status  not null,
    spec_version  smallint                 not null,
    created_seq   bigint                   not null,
    created_at    timestamptz              not null,
    disposed_at   timestamptz,
    is_webhook    boolean                  not null,
    is_system     boolean                  not null,
    token         text collate "C"         not null,

    constraint hooks_pkey
        primary key (run_id, hook_id),
    constraint hooks_disposed_at_iff_disposed
        check ((disposed_at is not null) = (status = 'disposed'))
);

comment on table workflow_pg.hooks is
    'One row per hook that a run has tried to create; it stays after disposal, so that an id is never used twice.';
comment on column workflow_pg.hooks.run_id is
    'The run.';
comment on column workflow_pg.hooks.hook_id is
    'Correlation id of the hook, drawn by the SDK; unique in its run only.';
comment on column workflow_pg.hooks.status is
    'See type hook_status.';
comment on column workflow_pg.hooks.spec_version is
    'Protocol version of the event that created it.';
comment on column workflow_pg.hooks.created_seq is
    'Position of hook_created, which carries the metadata, or of hook_conflict.';
comment on column workflow_pg.hooks.created_at is
    'Time of hook_created or hook_conflict.';
comment on column workflow_pg.hooks.disposed_at is
    'When it gave its token back: by hook_disposed, or at the end of its run.';
comment on column workflow_pg.hooks.is_webhook is
    'Whether a public web address may resume it.';
comment on column workflow_pg.hooks.is_system is
    'Whether it belongs to the SDK and not to the workflow''s author.';
comment on column workflow_pg.hooks.token is
    'The token it holds, held, or did not get.';

create table workflow_pg_private.hook_tokens (
    token           text collate "C"  not null,
    run_id          text collate "C"  not null,
    hook_id         text collate "C"  not null,
    retained_until  timestamptz,

    constraint hook_tokens_pkey
        primary key (token)
);
comment on table workflow_pg_private.hook_tokens is
    'Which live hook holds which token; also that of a run that is over, as long as it retains it. Its key decides every race for a token, across all runs.';
comment on column workflow_pg_private.hook_tokens.token is
    'The token, at most 1024 bytes.';
comment on column workflow_pg_private.hook_tokens.run_id is
    'The run of the hook that holds it.';
comment on column workflow_pg_private.hook_tokens.hook_id is
    'The hook that holds it.';
comment on column workflow_pg_private.hook_tokens.retained_until is
    'How long the token stays reserved after the end of its run; null: not at all.';

-- For maintain(), which frees them.
create index hook_tokens_run_id_idx_where_retained
    on workflow_pg_private.hook_tokens (run_id)
 where retained_until is not null;

comment on index workflow_pg_private.hook_tokens_run_id_idx_where_retained is
    'For maintain(), and for lists of hooks: tokens that stay reserved after the end of their runs.';
