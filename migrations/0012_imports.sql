-- 0012  imports
--
-- Adds     table imported_runs, and the composite types of functions that import runs.
-- Locks    none: every object is new.
-- Safe     before the code that uses it (expand).
-- Undo     none. Migrations only go forward.

create table workflow_pg_private.imported_runs (
    run_id       text collate "C"  not null,
    imported_at  timestamptz       not null,
    digest       bytea             not null,

    constraint imported_runs_pkey
        primary key (run_id)
);
comment on table workflow_pg_private.imported_runs is
    'Which runs came out of another database, so that an import that is begun again takes none twice.';
comment on column workflow_pg_private.imported_runs.run_id is
    'The run.';
comment on column workflow_pg_private.imported_runs.imported_at is
    'When it was taken.';
comment on column workflow_pg_private.imported_runs.digest is
    'sha256 over what it was there: a run that has moved on since is not taken, and said to be.';

create type workflow_pg_private.imported_event as (
    place           numeric,
    event_id        text,
    event_type      workflow_pg.event_type,
    correlation_id  text,
    created_at      timestamptz,
    spec_version    integer,
    facts           jsonb,
    codec           workflow_pg.payload_codec,
    payload_at      integer,
    error_text      text,
    is_made         boolean,
    note            text,
    seq             bigint
);
comment on type workflow_pg_private.imported_event is
$$An event on its way out of another database.

place        where it belongs among those of its run; made ones lie between the others
event_id     its id there; null for one that is made
payload_at   which of the payloads of the call it has, from 1; null for none
error_text   the error of a legacy entity, which was plain text or JSON in a text
is_made      whether it is missing there, though a row says that it happened
note         why it is left out, or made; null when there is nothing to say
seq          its position here; null when it is left out$$;

create type workflow_pg.import_reply as (
    run_id       text,
    outcome      text,
    event_count  bigint,
    notes        jsonb
);
comment on type workflow_pg.import_reply is
$$What became of a run that was to be imported.

outcome      imported; present: it was imported before, nothing is written; changed: it was imported
             before, and it is no longer what it was there, nothing is written
event_count  how many events it has here; null when nothing is written
notes        JSON array of {kind, id, note}: what was left out, and what was made up$$;
