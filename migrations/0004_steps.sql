-- 0004  steps
--
-- Adds     table steps.
-- Locks    none: every object is new.
-- Safe     before the code that uses it (expand).
-- Undo     none. Migrations only go forward.

create table workflow_pg.steps (
    run_id        text collate "C"         not null,
    step_id       text collate "C"         not null,
    status        workflow_pg.step_status  not null,
    spec_version  smallint                 not null,
    attempt       integer                  not null,
    input_seq     bigint                   not null,
    outcome_seq   bigint,
    error_seq     bigint,
    created_at    timestamptz              not null,
    updated_at    timestamptz              not null,
    started_at    timestamptz,
    completed_at  timestamptz,
    retry_after   timestamptz,
    step_name     text collate "C"         not null,

    constraint steps_pkey
        primary key (run_id, step_id),
    constraint steps_completed_at_iff_final
        check ((completed_at is null) = (status < 'completed'))
) with (fillfactor = 60);

comment on table workflow_pg.steps is
    'One row per step: the fold of its events. Its payloads are in the events that carried them.';
comment on column workflow_pg.steps.run_id is
    'The run.';
comment on column workflow_pg.steps.step_id is
    'Correlation id of the step, drawn by the SDK; unique in its run only.';
comment on column workflow_pg.steps.status is
    'See type step_status.';
comment on column workflow_pg.steps.spec_version is
    'Protocol version of the event that created it.';
comment on column workflow_pg.steps.attempt is
    'How many attempts have begun: 0 after step_created, one more at each step_started.';
comment on column workflow_pg.steps.input_seq is
    'Position of step_created, which carries the input.';
comment on column workflow_pg.steps.outcome_seq is
    'Position of the event that ended the step; null while it is live.';
comment on column workflow_pg.steps.error_seq is
    'Position of the newest step_retrying or step_failed, which carries the error; kept after success.';
comment on column workflow_pg.steps.created_at is
    'Time of step_created.';
comment on column workflow_pg.steps.updated_at is
    'Time of the newest event of the step.';
comment on column workflow_pg.steps.started_at is
    'Time of the first step_started.';
comment on column workflow_pg.steps.completed_at is
    'Time of the event that ended the step; null while it is live.';
comment on column workflow_pg.steps.retry_after is
    'No attempt may begin before it (WF425); null when one may begin now.';
comment on column workflow_pg.steps.step_name is
    'Name of the step, as workers announce it: step//module//function for the SDKs.';
