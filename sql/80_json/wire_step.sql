-- A step as the protocol writes it.

create or replace function workflow_pg_private.wire_step(p_step workflow_pg.step_detail)
returns jsonb
language plpgsql stable
as $$
declare
    v_step jsonb := workflow_pg_private.wire_compact(jsonb_build_object(
        'runId', p_step.run_id,
        'stepId', p_step.step_id,
        'stepName', p_step.step_name,
        'status', p_step.status,
        'attempt', p_step.attempt,
        'specVersion', p_step.spec_version,
        'startedAt', workflow_pg_private.wire_iso(p_step.started_at),
        'completedAt', workflow_pg_private.wire_iso(p_step.completed_at),
        'retryAfter', workflow_pg_private.wire_iso(p_step.retry_after),
        'createdAt', workflow_pg_private.wire_iso(p_step.created_at),
        'updatedAt', workflow_pg_private.wire_iso(p_step.updated_at)));
begin
    if p_step.run_id is null then
        return null;
    end if;

    if p_step.input is not null then
        v_step := v_step || jsonb_build_object(
            'input', workflow_pg_private.wire_payload(p_step.input_codec, p_step.input));
    end if;
    if p_step.output is not null then
        v_step := v_step || jsonb_build_object(
            'output', workflow_pg_private.wire_payload(p_step.output_codec, p_step.output));
    end if;
    if p_step.error is not null then
        v_step := v_step || jsonb_build_object(
            'error', workflow_pg_private.wire_error(p_step.error_codec, p_step.error, null));
    end if;

    return v_step;
end;
$$;

comment on function workflow_pg_private.wire_step is
    'A step in camel case, with the payloads that p_step has; null for null.';
