-- The door for callers who have the type of an event as data.
--
-- Nothing is decided here: each branch hands over to the verb of its event.

create or replace function workflow_pg.append_event(
    p_run_id          text,
    p_event_type      text,
    p_correlation_id  text default null,
    p_facts           jsonb default null,
    p_payload         bytea default null,
    p_codec           workflow_pg.payload_codec default 'opaque',
    p_spec_version    integer default 7,
    p_dedup_key       text default null,
    p_lease_token     uuid default null,
    p_wake            boolean default true
)
returns workflow_pg.append_reply
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform workflow_pg_private.check_event_type(p_event_type);

    case
        when p_event_type in ('run_created', 'run_started', 'run_completed', 'run_failed', 'run_cancelled') then
            return workflow_pg_private.append_run_event(
                p_run_id, p_event_type, p_facts, p_payload, p_codec, p_spec_version, p_dedup_key);
        when p_event_type in ('step_created', 'step_started', 'step_retrying', 'step_completed', 'step_failed') then
            return workflow_pg_private.append_step_event(
                p_run_id, p_event_type, p_correlation_id, p_facts, p_payload, p_codec,
                p_spec_version, p_dedup_key, p_lease_token, p_wake);
        when p_event_type = 'attr_set' then
            return workflow_pg_private.append_attr_event(
                p_run_id, p_correlation_id, p_facts, p_spec_version, p_dedup_key);
        when p_event_type = 'hook_created' then
            return workflow_pg.create_hook(
                p_run_id, p_correlation_id, p_facts ->> 'token', p_payload, p_codec,
                coalesce(p_facts -> 'isWebhook' <> 'false'::jsonb, true),
                coalesce(p_facts -> 'isSystem' = 'true'::jsonb, false),
                p_spec_version, p_dedup_key, p_lease_token, p_wake,
                workflow_pg_private.fact_time(p_facts, 'tokenRetentionUntil'));
        when p_event_type = 'hook_received' then
            return workflow_pg.receive_hook(
                p_run_id, p_correlation_id, p_payload, p_codec,
                p_spec_version, p_dedup_key, p_lease_token, p_wake,
                p_facts ->> 'resumeId', p_facts ->> 'resumePayloadDigest');
        when p_event_type = 'hook_disposed' then
            return workflow_pg.dispose_hook(
                p_run_id, p_correlation_id, p_spec_version, p_dedup_key, p_lease_token, p_wake);
        when p_event_type = 'wait_created' then
            return workflow_pg.create_wait(
                p_run_id, p_correlation_id, workflow_pg_private.fact_time(p_facts, 'resumeAt'),
                p_spec_version, p_dedup_key, p_lease_token, p_wake);
        else
            return workflow_pg.complete_wait(
                p_run_id, p_correlation_id, p_spec_version, p_dedup_key, p_lease_token, p_wake);
    end case;
end;
$$;

comment on function workflow_pg.append_event is
$$Append one event and move what it moves, as the verb of its type does (create_run, start_step, ...).

p_event_type      run_created, run_started, run_completed, run_failed, run_cancelled, attr_set,
                  step_created, step_started, step_retrying, step_completed, step_failed,
                  hook_created, hook_received, hook_disposed, wait_created, wait_completed
p_correlation_id  id of the step, hook or wait, or of the call that sets attributes in a workflow's
                  body; null for other events of the run
p_facts           eventData of the protocol without its payload: workflowName, deploymentId,
                  executionContext, encryptionPublicKey, attributes, allowReservedAttributes, errorCode,
                  cancelReason, changes, writer, stepName, ownerMessageId, retryAfter, token, isWebhook, isSystem,
                  tokenRetentionUntil, resumeId, resumePayloadDigest, resumeAt (times as ISO 8601 with zone)
p_payload         input, output, error, result, metadata or payload, at most 16 MiB; with one a
                  step_started is start_new_step, without one start_step
p_codec           opaque, cbor or json
p_spec_version    2 to 7
p_dedup_key       a repeat with the same key returns the first reply
p_lease_token     of the delivery the caller is handling: while it is held the run is not woken
p_wake            false: the caller wakes the run itself
returns           the event as stored; seq null when the call was legal and wrote nothing
raises            WF400 and what the verb raises: WF404, WF409, WF410, WF413, WF422, WF425, WF426;
                  40001 repeat the call$$;
