-- append_event for events of the run itself.

create or replace function workflow_pg_private.append_run_event(
    p_run_id        text,
    p_event_type    text,
    p_facts         jsonb,
    p_payload       bytea,
    p_codec         workflow_pg.payload_codec,
    p_spec_version  integer,
    p_dedup_key     text
)
returns workflow_pg.append_reply
language plpgsql volatile
as $$
declare
    v_run workflow_pg.run_detail;
begin
    case p_event_type
        when 'run_created' then
            return workflow_pg.create_run(
                p_run_id, p_facts ->> 'workflowName', p_payload, p_codec,
                coalesce(p_facts ->> 'deploymentId', 'default'), p_facts -> 'executionContext',
                p_facts ->> 'encryptionPublicKey', p_facts -> 'attributes',
                coalesce(p_facts -> 'allowReservedAttributes' = 'true'::jsonb, false),
                p_spec_version, p_dedup_key);
        when 'run_started' then
            v_run := workflow_pg.start_run(
                p_run_id, p_facts ->> 'workflowName', p_payload, p_codec,
                p_facts ->> 'deploymentId', p_facts -> 'executionContext',
                p_facts ->> 'encryptionPublicKey', p_facts -> 'attributes',
                coalesce(p_facts -> 'allowReservedAttributes' = 'true'::jsonb, false),
                p_spec_version, p_dedup_key);
            if v_run.seq is null then
                return workflow_pg_private.unmoved_reply(p_run_id, 'run_started', v_run.status);
            end if;
            return workflow_pg_private.repeated_reply(p_run_id, v_run.seq);
        when 'run_completed' then
            return workflow_pg.complete_run(p_run_id, p_payload, p_codec, p_spec_version, p_dedup_key);
        when 'run_failed' then
            return workflow_pg.fail_run(
                p_run_id, p_payload, p_codec, p_facts ->> 'errorCode', p_spec_version, p_dedup_key);
        else
            return workflow_pg.cancel_run(p_run_id, p_facts ->> 'cancelReason', p_spec_version, p_dedup_key);
    end case;
end;
$$;

comment on function workflow_pg_private.append_run_event is
    'Hand run_created, run_started, run_completed, run_failed or run_cancelled to its verb.';
