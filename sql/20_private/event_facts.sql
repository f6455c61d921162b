-- The facts that an event of a batch has, out of what the caller gave.

create or replace function workflow_pg_private.event_facts(
    p_event   workflow_pg.event_type,
    p_facts   jsonb,
    p_due_at  timestamptz
)
returns jsonb
language plpgsql stable
as $$
begin
    case
        when p_event = 'step_created' then
            return jsonb_build_object('stepName', p_facts ->> 'stepName');
        when p_event = 'wait_created' then
            return jsonb_build_object('resumeAt', workflow_pg_private.iso_time(p_due_at));
        when p_event = 'step_retrying' and p_due_at is not null then
            return jsonb_build_object('retryAfter', workflow_pg_private.iso_time(p_due_at));
        when p_event = 'run_failed' and p_facts ->> 'errorCode' is not null then
            return jsonb_build_object('errorCode', p_facts ->> 'errorCode');
        else
            return null;
    end case;
end;
$$;

comment on function workflow_pg_private.event_facts is
    'Facts as the verb of the event writes them; the attempt of step_started is added when it is decided.';
