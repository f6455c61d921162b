-- 0013  run_waiters
--
-- Adds     table run_waiters.
-- Locks    none: every object is new.
-- Safe     before the code that uses it (expand).
-- Undo     none. Migrations only go forward.

create table workflow_pg_private.run_waiters (
    run_id      text collate "C"  not null,
    waiter_id   text collate "C"  not null,
    expires_at  timestamptz       not null,

    constraint run_waiters_pkey
        primary key (run_id, waiter_id)
) with (fillfactor = 50);

comment on table workflow_pg_private.run_waiters is
    'Who waits for the end of a run and wants to be notified. Only a hint comes of it: waiters poll all the same.';
comment on column workflow_pg_private.run_waiters.run_id is
    'The run, which need not exist.';
comment on column workflow_pg_private.run_waiters.waiter_id is
    'Drawn by the waiter; the payload of its notification.';
comment on column workflow_pg_private.run_waiters.expires_at is
    'After that it is not notified any more, unless it has announced itself again.';
