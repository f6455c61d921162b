-- A run as the protocol writes it.

create or replace function workflow_pg_private.wire_run(
    p_run  workflow_pg.run_detail,
    p_all  boolean
)
returns jsonb
language plpgsql stable
as $$
declare
    v_run jsonb := workflow_pg_private.wire_compact(jsonb_build_object(
        'runId', p_run.run_id,
        'status', p_run.status,
        'deploymentId', p_run.deployment_id,
        'workflowName', p_run.workflow_name,
        'specVersion', p_run.spec_version,
        'attributes', p_run.attributes,
        'executionContext', p_run.execution_context,
        'encryptionPublicKey', p_run.encryption_public_key,
        'errorCode', p_run.error_code,
        'cancelReason', p_run.cancel_reason,
        'startedAt', workflow_pg_private.wire_iso(p_run.started_at),
        'expiredAt', workflow_pg_private.wire_iso(p_run.expired_at),
        'completedAt', workflow_pg_private.wire_iso(p_run.completed_at),
        'createdAt', workflow_pg_private.wire_iso(p_run.created_at),
        'updatedAt', workflow_pg_private.wire_iso(
            coalesce(p_run.completed_at, p_run.started_at, p_run.created_at))));
begin
    if p_run.run_id is null then
        return null;
    end if;

    if p_all and p_run.input is not null then
        v_run := v_run || jsonb_build_object('input', workflow_pg_private.wire_payload(p_run.input_codec, p_run.input));
    end if;
    if p_all and p_run.output is not null then
        v_run := v_run || jsonb_build_object('output', workflow_pg_private.wire_payload(p_run.output_codec, p_run.output));
    end if;
    if p_run.error is not null then
        v_run := v_run || jsonb_build_object(
            'error', workflow_pg_private.wire_error(p_run.error_codec, p_run.error, p_run.error_code));
    end if;

    return v_run;
end;
$$;

comment on function workflow_pg_private.wire_run is
    'A run in camel case, with the payloads that p_run has, of which p_all says whether input and output are wanted; null for null.';
