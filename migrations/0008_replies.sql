-- 0008  replies
--
-- Adds     composite types that functions return.
-- Locks    none: every object is new.
-- Safe     before the code that uses it (expand). Clients select columns by name, so
--          an added attribute breaks nobody.
-- Undo     none. Migrations only go forward.

create type workflow_pg.append_reply as (
    run_id              text,
    seq                 bigint,
    event_type          workflow_pg.event_type,
    correlation_id      text,
    created_at          timestamptz,
    run_status          workflow_pg.run_status,
    attempt             integer,
    conflicting_run_id  text
);
comment on type workflow_pg.append_reply is
$$What an append did.

run_id, event_type, correlation_id, created_at   as the event was stored; hook_conflict in place of
                     hook_created when another hook holds the token
seq                  position of the event; null when the call was legal and wrote nothing
run_status           of the run after it
attempt              of the step after it, for step events
conflicting_run_id   run that holds the token, for hook_conflict$$;

create type workflow_pg.append_outcome as (
    place               integer,
    status              integer,
    sqlstate            text,
    message             text,
    detail              jsonb,
    hint                text,
    run_id              text,
    seq                 bigint,
    event_type          workflow_pg.event_type,
    correlation_id      text,
    created_at          timestamptz,
    run_status          workflow_pg.run_status,
    attempt             integer,
    conflicting_run_id  text
);
comment on type workflow_pg.append_outcome is
$$What became of one entry of a batch.

place        of the entry in the request, from 1
status       200: appended; else 400, 404, 409, 410, 413 or 425: rejected, nothing was written for it
sqlstate, message, detail, hint  of the refusal that a single append would have raised; null when
             it was appended
run_status   of the run after the entry; null when there is no such run
the others   as in append_reply; seq, created_at and attempt are null for a rejected entry$$;

create type workflow_pg.cancel_outcome as (
    place       integer,
    run_id      text,
    outcome     text,
    run_status  workflow_pg.run_status,
    seq         bigint
);
comment on type workflow_pg.cancel_outcome is
$$What became of one run of cancel_runs.

place       of the run in the request, from 1
outcome     cancelled, already_cancelled, not_cancellable (completed or failed before), not_found
run_status  of the run now; null when there is no such run
seq         position of run_cancelled; null when nothing was written$$;

create type workflow_pg.run_detail as (
    run_id                 text,
    status                 workflow_pg.run_status,
    workflow_name          text,
    deployment_id          text,
    queue_name             text,
    spec_version           integer,
    last_seq               bigint,
    created_at             timestamptz,
    started_at             timestamptz,
    completed_at           timestamptz,
    expired_at             timestamptz,
    execution_context      jsonb,
    encryption_public_key  text,
    error_code             text,
    cancel_reason          text,
    attributes             jsonb,
    input_codec            workflow_pg.payload_codec,
    input                  bytea,
    output_codec           workflow_pg.payload_codec,
    output                 bytea,
    error_codec            workflow_pg.payload_codec,
    error                  bytea,
    seq                    bigint,
    cursor                 text
);
comment on type workflow_pg.run_detail is
$$A run with the payloads of its events: one that is not there, or was not asked for, is null.

expired_at  when its payloads were purged; null while they are there
attributes  a JSON object of texts, {} when it has none
seq         position of the event that the call wrote; null when it wrote none, so in every read
cursor      where a list goes on after this row; null in other replies$$;

create type workflow_pg.step_detail as (
    run_id        text,
    step_id       text,
    step_name     text,
    status        workflow_pg.step_status,
    attempt       integer,
    spec_version  integer,
    created_at    timestamptz,
    updated_at    timestamptz,
    started_at    timestamptz,
    completed_at  timestamptz,
    retry_after   timestamptz,
    input_codec   workflow_pg.payload_codec,
    input         bytea,
    output_codec  workflow_pg.payload_codec,
    output        bytea,
    error_codec   workflow_pg.payload_codec,
    error         bytea,
    seq           bigint,
    cursor        text
);
comment on type workflow_pg.step_detail is
$$A step with the payloads of its events; error is the newest one, also after a success.

seq     position of the event that the call wrote; null in every read
cursor  where a list goes on after this row; null in other replies$$;

create type workflow_pg.hook_detail as (
    run_id                 text,
    hook_id                text,
    token                  text,
    status                 workflow_pg.hook_status,
    spec_version           integer,
    is_webhook             boolean,
    is_system              boolean,
    created_at             timestamptz,
    token_retention_until  timestamptz,
    metadata_codec         workflow_pg.payload_codec,
    metadata               bytea,
    cursor                 text
);
comment on type workflow_pg.hook_detail is
$$A hook with the metadata of its hook_created.

token_retention_until  how long it keeps its token after the end of its run; null: not at all
cursor                 where a list goes on after this row; null in other replies$$;

create type workflow_pg.wait_detail as (
    run_id        text,
    wait_id       text,
    status        workflow_pg.wait_status,
    spec_version  integer,
    resume_at     timestamptz,
    created_at    timestamptz,
    completed_at  timestamptz,
    cursor        text
);
comment on type workflow_pg.wait_detail is
$$A sleep of a run.

resume_at     when it is over
completed_at  when it ended, on time or early; null while it goes on, and when its run ended first
cursor        where a list goes on after this row$$;

create type workflow_pg.event_detail as (
    run_id          text,
    seq             bigint,
    event_id        text,
    event_type      workflow_pg.event_type,
    correlation_id  text,
    created_at      timestamptz,
    spec_version    integer,
    facts           jsonb,
    codec           workflow_pg.payload_codec,
    payload         bytea
);
comment on type workflow_pg.event_detail is
    'An event of the log; event_id is evnt_ and seq as 26 digits, and the cursor after which a list goes on.';

create type workflow_pg.appended_event as (
    run_id              text,
    seq                 bigint,
    event_id            text,
    event_type          workflow_pg.event_type,
    correlation_id      text,
    created_at          timestamptz,
    spec_version        integer,
    facts               jsonb,
    codec               workflow_pg.payload_codec,
    payload             bytea,
    run_status          workflow_pg.run_status,
    attempt             integer,
    conflicting_run_id  text
);
comment on type workflow_pg.appended_event is
$$An event that append_and_read has read or, in the last row, appended.

run_id to payload   as in event_detail; seq, event_id, created_at, spec_version, facts and codec are
                    null in the last row when the call was legal and wrote nothing
run_status, attempt, conflicting_run_id  as in append_reply, in the last row; else null$$;

create type workflow_pg.claimed_message as (
    run_id           text,
    message_id       text,
    kind             workflow_pg.message_kind,
    queue_name       text,
    deployment_id    text,
    step_id          text,
    step_name        text,
    idempotency_key  text,
    codec            workflow_pg.payload_codec,
    body             bytea,
    attempt          integer,
    is_exhausted     boolean,
    lease_token      uuid,
    lease_until      timestamptz
);
comment on type workflow_pg.claimed_message is
    'A delivery. is_exhausted: delivered more often than the claim allows; bury it instead of handling it.';

create type workflow_pg.finding as (
    subject    text,
    severity   workflow_pg.severity,
    sentence   text,
    next_step  text,
    detail     jsonb
);
comment on type workflow_pg.finding is
$$What diagnose() has found out about one thing.

subject    what was looked at, in one word
severity   ok, warning or problem
sentence   for people
next_step  what to do, for people; null when there is nothing to do
detail     numbers and names, for programs$$;

create type workflow_pg.schema_stamp as (
    migration     integer,
    state         text,
    sql_checksum  text,
    tool_version  text,
    database_id   text
);
comment on type workflow_pg.schema_stamp is
    'What is installed, and where: highest migration, ready or migrating, checksum of the functions, version of the installer, identity of server and database.';

create type workflow_pg_private.append_call as (
    digest     bytea,
    repeat_of  bigint
);
comment on type workflow_pg_private.append_call is
    'What is known of an append before it begins: digest of the call when it has a dedup key, position of the event when the key was used before.';

create type workflow_pg_private.fault as (
    sqlstate  text,
    message   text,
    detail    jsonb,
    hint      text
);
comment on type workflow_pg_private.fault is
    'What is wrong with a call or with an entry of a batch: what refuse() raises, as data. Null when nothing is.';

create type workflow_pg_private.batch_entry as (
    run_id          text,
    place           integer,
    event_type      workflow_pg.event_type,
    correlation_id  text,
    facts           jsonb,
    codec           workflow_pg.payload_codec,
    occurred_at     timestamptz,
    pair_place      integer,
    step_name       text,
    due_at          timestamptz,
    fault           workflow_pg_private.fault,
    run_status      workflow_pg.run_status,
    next_status     text,
    attempt         integer,
    seq             bigint,
    created_at      timestamptz
);
comment on type workflow_pg_private.batch_entry is
$$One event of a batch, as it is handed from function to function. Its payload travels beside it.

run_id       its run
place        in the request, from 1
facts, codec as its event will have them
occurred_at  when it happened, for the caller; null: now
pair_place   place of the step_started that makes a step_created born running, in both; else null
step_name    of the step
due_at       when the wait is over, or the step may begin again
fault        why it is rejected; null while it is not
run_status   of the run after it
next_status  of its entity after it
attempt      of its step after it
seq, created_at  position and time of its event; null for a rejected entry$$;
