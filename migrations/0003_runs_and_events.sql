-- 0003  runs and events
--
-- Adds     tables runs and events.
-- Locks    none: every object is new.
-- Safe     before the code that uses it (expand).
-- Undo     none. Migrations only go forward.

create table workflow_pg.runs (
    run_id         text collate "C"        not null,
    status         workflow_pg.run_status  not null,
    spec_version   smallint                not null,
    last_seq       bigint                  not null,
    last_event_at  timestamptz             not null,
    outcome_seq    bigint,
    created_at     timestamptz             not null,
    started_at     timestamptz,
    completed_at   timestamptz,
    workflow_name  text collate "C"        not null,
    deployment_id  text collate "C"        not null,
    queue_name     text collate "C"        not null,
    retried_as     text collate "C",
    expired_at     timestamptz,

    constraint runs_pkey
        primary key (run_id),
    constraint runs_completed_at_iff_final
        check ((completed_at is null) = (status < 'completed'))
) with (fillfactor = 70);

comment on table workflow_pg.runs is
    'One row per run: the fold of its events. Its payloads are in the events that carried them.';
comment on column workflow_pg.runs.run_id is
    '''wrun_'' and a ULID, drawn by the client; unique across the database.';
comment on column workflow_pg.runs.status is
    'See type run_status.';
comment on column workflow_pg.runs.spec_version is
    'Protocol version of the event that created the run; fixed for its life.';
comment on column workflow_pg.runs.last_seq is
    'Position of the newest event. The row lock taken to raise it orders all writers of the run.';
comment on column workflow_pg.runs.last_event_at is
    'created_at of the newest event; no later event is earlier.';
comment on column workflow_pg.runs.outcome_seq is
    'Position of the event that ended the run; null while it is live.';
comment on column workflow_pg.runs.created_at is
    'Time of run_created.';
comment on column workflow_pg.runs.started_at is
    'Time of run_started, milliseconds, set once: SDKs seed all correlation ids with it.';
comment on column workflow_pg.runs.completed_at is
    'Time of the event that ended the run; null while it is live.';
comment on column workflow_pg.runs.workflow_name is
    'Name of the workflow, as workers announce it: workflow//module//function for the SDKs.';
comment on column workflow_pg.runs.deployment_id is
    'The deployment whose workers may execute the run.';
comment on column workflow_pg.runs.queue_name is
    'Logical queue of its messages: __wkf_workflow_<name>, with a namespace __<namespace>_wkf_workflow_<name>.';
comment on column workflow_pg.runs.retried_as is
    'The newest run that was started to do the work of this one again; null when there is none.';
comment on column workflow_pg.runs.expired_at is
    'When the payloads of the run were purged; null while they are there.';

create index runs_run_id_idx_where_live
    on workflow_pg.runs (run_id)
 where status in ('pending', 'running');
comment on index workflow_pg.runs_run_id_idx_where_live is
    'For maintain() and unwakeable_runs(), which walk the live runs. A run enters and leaves it once, so 99 % of the updates of a run stay HOT.';

-- For lists. There is none on a status that many runs have, or that changes often.
create index runs_created_at_idx
    on workflow_pg.runs (created_at desc, run_id desc);
comment on index workflow_pg.runs_created_at_idx is
    'For lists of runs, newest first.';

create index runs_workflow_name_created_at_run_id_idx
    on workflow_pg.runs (workflow_name, created_at desc, run_id desc);
comment on index workflow_pg.runs_workflow_name_created_at_run_id_idx is
    'For lists of the runs of a workflow.';

create index runs_created_at_run_id_idx_where_unsuccessful
    on workflow_pg.runs (created_at desc, run_id desc)
 where status in ('failed', 'cancelled');
comment on index workflow_pg.runs_created_at_run_id_idx_where_unsuccessful is
    'For lists of the runs that have failed or were cancelled. Most runs never enter it.';

create table workflow_pg.events (
    run_id          text collate "C"           not null,
    seq             bigint                     not null,
    event_type      workflow_pg.event_type     not null,
    spec_version    smallint                   not null,
    codec           workflow_pg.payload_codec  not null,
    created_at      timestamptz                not null,
    correlation_id  text collate "C",
    facts           jsonb,
    payload         bytea,

    constraint events_pkey
        primary key (run_id, seq)
);

comment on table workflow_pg.events is
    'The log: append-only, the truth. Every other table of a run can be computed from it.';
comment on column workflow_pg.events.run_id is
    'The run.';
comment on column workflow_pg.events.seq is
    'Position in the log of the run: 1, 2, 3, ... without gaps, in commit order.';
comment on column workflow_pg.events.event_type is
    'See type event_type.';
comment on column workflow_pg.events.spec_version is
    'Protocol version of the writer.';
comment on column workflow_pg.events.codec is
    'How to read payload.';
comment on column workflow_pg.events.created_at is
    'When the database accepted it, milliseconds, never earlier than the event before it.';
comment on column workflow_pg.events.correlation_id is
    'Id of the step, hook or wait, or of the call that sets attributes, unique in its run only; null for events of the run itself.';
comment on column workflow_pg.events.facts is
    'eventData of the protocol without its payload, with the protocol''s names; null when there is none.';
comment on column workflow_pg.events.payload is
    'The one user payload of the event, written here and nowhere else, at most 16 MiB; null when absent or purged.';

create unique index events_run_id_idx_where_final
    on workflow_pg.events (run_id)
 where event_type in ('run_completed', 'run_failed', 'run_cancelled');
comment on index workflow_pg.events_run_id_idx_where_final is
    'The second fence behind the state machine: a run ends once.';

create table workflow_pg_private.append_keys (
    run_id     text collate "C"  not null,
    dedup_key  text collate "C"  not null,
    seq        bigint            not null,
    digest     bytea             not null,
    rejected   jsonb,

    constraint append_keys_pkey
        primary key (run_id, dedup_key)
);
comment on table workflow_pg_private.append_keys is
    'Which append was made under which dedup key, so that a repeat returns the first reply. Gone one hour after the run is final.';
comment on column workflow_pg_private.append_keys.run_id is
    'The run.';
comment on column workflow_pg_private.append_keys.dedup_key is
    'Drawn by the caller before its first try; unique per run.';
comment on column workflow_pg_private.append_keys.seq is
    'Position of the event that the first try wrote; of a batch the first one.';
comment on column workflow_pg_private.append_keys.digest is
    'sha256 over type, correlation id, facts and payload of the call: a key stands for one call only.';
comment on column workflow_pg_private.append_keys.rejected is
    'Outcomes of the entries of a batch that were rejected, as a JSON array; null when there were none, and for single calls.';
