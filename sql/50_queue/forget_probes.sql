-- Forget health checks: those that nobody has claimed in an hour, and all answers.
--
-- Whoever sent them has given up long ago. They are found by the runs that SDKs invent
-- for them, which no run can be called: a ULID has no underscore.

create or replace function workflow_pg_private.forget_probes(p_now timestamptz)
returns integer
language plpgsql volatile
as $$
declare
    v_messages integer;
begin
    delete from workflow_pg_private.messages as m
     where m.run_id like 'wrun\_hc\_%'
       and m.created_at < p_now - interval '1 hour'
       and (m.lease_until is null or m.lease_until <= p_now);
    get diagnostics v_messages = row_count;

    return v_messages + workflow_pg_private.forget_answers(p_now);
end;
$$;

comment on function workflow_pg_private.forget_probes is
    'Delete messages and answers of health checks that are an hour old. Returns how many.';
