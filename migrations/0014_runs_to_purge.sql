-- 0014  runs_to_purge
--
-- Adds     table runs_to_purge.
-- Locks    none: every object is new.
-- Safe     before the code that uses it (expand).
-- Undo     none. Migrations only go forward.

create table workflow_pg_private.runs_to_purge (
    run_id  text collate "C"  not null,

    constraint runs_to_purge_pkey
        primary key (run_id)
);

comment on table workflow_pg_private.runs_to_purge is
    'Runs whose attribute $retention is 0 and whose payloads have not been purged yet: so that nobody has to look for them.';
comment on column workflow_pg_private.runs_to_purge.run_id is
    'The run.';
