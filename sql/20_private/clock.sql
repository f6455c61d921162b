-- The one clock: the database's, in milliseconds, because SDKs count in them.
--
-- Tests move time by replacing this body; no setting does, so that no session can.

create or replace function workflow_pg_private.clock()
returns timestamptz
language plpgsql volatile
as $$
begin
    return date_trunc('milliseconds', clock_timestamp());
end;
$$;

comment on function workflow_pg_private.clock is
    'Now, truncated to milliseconds. Read it once per call, after the lock where a decision depends on it.';
