-- What a resumer needs to know of the run whose hook it is, so that it need not read it.

create or replace function workflow_pg_private.wire_resume_context(p_run_id text)
returns jsonb
language plpgsql stable
as $$
declare
    v_run constant workflow_pg.run_detail := workflow_pg_private.run_detail(p_run_id, false, false);
begin
    return workflow_pg_private.wire_compact(jsonb_build_object(
        'deploymentId', v_run.deployment_id,
        'workflowName', v_run.workflow_name,
        'runSpecVersion', v_run.spec_version,
        'workflowCoreVersion', v_run.execution_context -> 'workflowCoreVersion',
        'traceCarrier', v_run.execution_context -> 'traceCarrier',
        'hookResumeInputVersion', v_run.execution_context -> 'hookResumeInputVersion',
        'encryptionPublicKey', v_run.encryption_public_key));
end;
$$;

comment on function workflow_pg_private.wire_resume_context is
    'resumeContext of a hook of the run.';
