-- append_event for events of a step.

create or replace function workflow_pg_private.append_step_event(
    p_run_id        text,
    p_event_type    text,
    p_step_id       text,
    p_facts         jsonb,
    p_payload       bytea,
    p_codec         workflow_pg.payload_codec,
    p_spec_version  integer,
    p_dedup_key     text,
    p_lease_token   uuid,
    p_wake          boolean
)
returns workflow_pg.append_reply
language plpgsql volatile
as $$
declare
    v_step workflow_pg.step_detail;
begin
    case p_event_type
        when 'step_created' then
            return workflow_pg.create_step(
                p_run_id, p_step_id, p_facts ->> 'stepName', p_payload, p_codec,
                p_spec_version, p_dedup_key);
        when 'step_started' then
            if p_payload is null then
                v_step := workflow_pg.start_step(
                    p_run_id, p_step_id, p_spec_version, p_dedup_key, p_facts ->> 'ownerMessageId');
            else
                v_step := workflow_pg.start_new_step(
                    p_run_id, p_step_id, p_facts ->> 'stepName', p_payload, p_codec,
                    p_facts ->> 'ownerMessageId', p_spec_version, p_dedup_key);
            end if;
            return workflow_pg_private.repeated_reply(p_run_id, v_step.seq);
        when 'step_retrying' then
            return workflow_pg.retry_step(
                p_run_id, p_step_id, p_payload, p_codec,
                workflow_pg_private.fact_time(p_facts, 'retryAfter'),
                p_spec_version, p_dedup_key, p_lease_token);
        when 'step_completed' then
            return workflow_pg.complete_step(
                p_run_id, p_step_id, p_payload, p_codec,
                p_spec_version, p_dedup_key, p_lease_token, p_wake);
        else
            return workflow_pg.fail_step(
                p_run_id, p_step_id, p_payload, p_codec,
                p_spec_version, p_dedup_key, p_lease_token, p_wake);
    end case;
end;
$$;

comment on function workflow_pg_private.append_step_event is
    'Hand step_created, step_started, step_retrying, step_completed or step_failed to its verb.';
