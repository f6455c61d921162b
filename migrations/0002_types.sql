-- 0002  types
--
-- Adds     enums of statuses, event types, payload codecs, message kinds, severities and
--          of start keys.
-- Locks    none: every object is new.
-- Safe     before the code that uses it (expand).
-- Undo     none. Migrations only go forward.

-- Final labels come last in each status, so that "final" is `status >= 'completed'`.
create type workflow_pg.run_status as enum (
    'pending',      -- created, no worker has begun
    'running',      -- a worker has begun
    'completed',    -- final; it has an output
    'failed',       -- final; it has an error
    'cancelled'     -- final; it has neither
);
comment on type workflow_pg.run_status is
    'Where a run stands. Its moves are in workflow_pg.run_transitions; from completed on it is final.';

create type workflow_pg.step_status as enum (
    'pending',      -- created, or waiting for its next attempt
    'running',      -- an attempt has begun
    'completed',    -- final; it has an output
    'failed',       -- final; it has an error
    'cancelled'     -- final; written by no event, read for the protocol's sake
);
comment on type workflow_pg.step_status is
    'Where a step stands. Its moves are in workflow_pg.step_transitions; from completed on it is final.';

create type workflow_pg.hook_status as enum (
    'live',         -- holds its token and can receive
    'disposed',     -- its token is free again
    'conflict'      -- never held its token: another hook did
);
comment on type workflow_pg.hook_status is
    'Where a hook stands. Its moves are in workflow_pg.hook_transitions.';

create type workflow_pg.wait_status as enum (
    'waiting',
    'completed',
    'cancelled'     -- its run ended first
);
comment on type workflow_pg.wait_status is
    'Where a wait (a sleep) stands. Its moves are in workflow_pg.wait_transitions.';

create type workflow_pg.event_type as enum (
    'run_created', 'run_started', 'run_completed', 'run_failed', 'run_cancelled',
    'attr_set',         -- attributes of the run
    'step_created', 'step_started', 'step_retrying', 'step_completed', 'step_failed',
    'hook_created', 'hook_received', 'hook_disposed',
    'hook_conflict',    -- written by the database in place of hook_created
    'wait_created', 'wait_completed'
);
comment on type workflow_pg.event_type is
    'What happened. One event moves one entity by one step at most.';

create type workflow_pg.payload_codec as enum (
    'opaque',       -- bytes of an SDK, never looked into
    'cbor',         -- RFC 8949
    'json'          -- RFC 8259, UTF-8
);
comment on type workflow_pg.payload_codec is
    'How to read the bytes of a payload. The database never looks inside, but checks that json is JSON.';

create type workflow_pg.message_kind as enum (
    'wake',         -- replay the run; no content, at most one pending per run
    'start',        -- replay the run and create it first if need be; carries its input
    'step',         -- execute one step
    'hook',         -- replay the run after writing the hook payload it carries
    'custom'        -- anything else for the handler of its queue
);
comment on type workflow_pg.message_kind is
    'What a message asks a worker to do.';

create type workflow_pg.severity as enum (
    'ok',           -- nothing to do
    'warning',      -- works, and may stop working
    'problem'       -- something does not work, or data is at risk
);
comment on type workflow_pg.severity is
    'How bad a finding of diagnose() is.';

create type workflow_pg.key_policy as enum (
    'return',       -- the run that is there is the answer
    'refuse'        -- WF409
);
comment on type workflow_pg.key_policy is
    'What a start gets whose start key stands for a run already.';

create type workflow_pg.key_scope as enum (
    'live',         -- until the run is final
    'kept',         -- as long as the run is kept, so also after its end
    'timed'         -- for a time after the start, whatever becomes of the run
);
comment on type workflow_pg.key_scope is
    'How long a start key stands for the run that was started under it.';
