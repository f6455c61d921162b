-- 0006  waits
--
-- Adds     table waits.
-- Locks    none: every object is new.
-- Safe     before the code that uses it (expand).
-- Undo     none. Migrations only go forward.

create table workflow_pg.waits (
    run_id        text collate "C"         not null,
    wait_id       text collate "C"         not null,
    status        workflow_pg.wait_status  not null,
    spec_version  smallint                 not null,
    is_woken      boolean                  not null,
    resume_at     timestamptz              not null,
    created_at    timestamptz              not null,
    completed_at  timestamptz,

    constraint waits_pkey
        primary key (run_id, wait_id),
    constraint waits_completed_at_iff_completed
        check ((completed_at is not null) = (status = 'completed'))
);

comment on table workflow_pg.waits is
    'One row per sleep of a run.';
comment on column workflow_pg.waits.run_id is
    'The run.';
comment on column workflow_pg.waits.wait_id is
    'Correlation id of the wait, drawn by the SDK; unique in its run only.';
comment on column workflow_pg.waits.status is
    'See type wait_status.';
comment on column workflow_pg.waits.spec_version is
    'Protocol version of the event that created it.';
comment on column workflow_pg.waits.is_woken is
    'Whether its run has been given a message for it since resume_at passed.';
comment on column workflow_pg.waits.resume_at is
    'When the sleep is over.';
comment on column workflow_pg.waits.created_at is
    'Time of wait_created.';
comment on column workflow_pg.waits.completed_at is
    'Time of wait_completed, which may come early.';

create index waits_resume_at_idx_where_asleep
    on workflow_pg.waits (resume_at)
 where status = 'waiting' and not is_woken;
comment on index workflow_pg.waits_resume_at_idx_where_asleep is
    'The timers: whoever claims next looks here for sleeps that are over.';
