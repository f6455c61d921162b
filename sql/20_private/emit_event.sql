-- Write one event, keep its dedup key, wake its run: the last lines of every transition.
--
-- Nothing else writes events. The run's row is locked and already carries the event's
-- position and time (number_event).

create or replace function workflow_pg_private.emit_event(
    p_run             workflow_pg.runs,
    p_event           workflow_pg.event_type,
    p_correlation_id  text,
    p_facts           jsonb,
    p_codec           workflow_pg.payload_codec,
    p_payload         bytea,
    p_spec_version    integer,
    p_dedup_key       text,
    p_digest          bytea,
    p_lease_token     uuid,
    p_wake            boolean,
    p_attempt         integer default null
)
returns workflow_pg.append_reply
language plpgsql volatile
as $$
begin
    insert into workflow_pg.events
           (run_id, seq, event_type, spec_version, codec, created_at, correlation_id, facts, payload)
    values (p_run.run_id, p_run.last_seq, p_event, p_spec_version, p_codec, p_run.last_event_at,
            p_correlation_id, p_facts, case when p_run.expired_at is null then p_payload end);

    if p_dedup_key is not null then
        insert into workflow_pg_private.append_keys (run_id, dedup_key, seq, digest)
        values (p_run.run_id, p_dedup_key, p_run.last_seq, p_digest)
            on conflict do nothing;

        if not found then
            raise exception using
                errcode = '40001',
                message = format('another call with dedup key %L of run %s has just been made', p_dedup_key, p_run.run_id),
                hint    = 'Repeat the call: it returns the reply of the other.';
        end if;
    end if;

    -- What can unblock a run wakes it, unless its waker is the caller itself. The wakes
    -- of run_created and of a step's dispatch are left by their transitions.
    if p_wake
       and p_event not in ('run_created', 'run_started', 'run_completed', 'run_failed', 'run_cancelled',
                           'attr_set', 'step_created', 'step_started', 'step_retrying')
       and workflow_pg_private.holder(p_run.run_id, p_lease_token) is null
    then
        -- Not due at the time of the event, which lies ahead after a clock has gone back.
        perform workflow_pg_private.leave_wake(p_run, workflow_pg_private.clock());
    end if;

    return (p_run.run_id, p_run.last_seq, p_event, p_correlation_id, p_run.last_event_at, p_run.status,
            p_attempt, p_facts ->> 'conflictingRunId');
end;
$$;

comment on function workflow_pg_private.emit_event is
$$Append an event at the position that the run's row already carries.

p_run          the run after number_event, locked
p_payload      left out when the payloads of the run were purged
p_facts        eventData without its payload, or null
p_dedup_key    kept with p_digest, or null
p_lease_token  of the delivery the caller is handling: while it is held, no wake is left
p_wake         false when the caller sends its own message
returns        the reply of the append
raises         40001 when another call with the same dedup key won the race$$;
