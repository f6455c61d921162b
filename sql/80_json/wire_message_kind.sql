-- What a message of the protocol asks a worker to do.
--
-- One that says nothing but "replay this run" is a wake: what it carries beside is a hint or
-- for measurements, and the database leaves wakes itself. Whatever could lose something is
-- kept as it is.

create or replace function workflow_pg_private.wire_message_kind(p_message jsonb)
returns workflow_pg.message_kind
language plpgsql immutable
as $$
begin
    return case when p_message ? '__healthCheck' then 'custom'
                when p_message ? 'runInput' then 'start'
                when p_message ? 'stepId' then 'step'
                when p_message - '{runId,traceCarrier,requestedAt,runContext,waitContinuation,hookResumeTiming}'::text[] = '{}'
                then 'wake'
                else 'custom' end::workflow_pg.message_kind;
end;
$$;

comment on function workflow_pg_private.wire_message_kind is
    'The kind that a message in camel case is of.';
