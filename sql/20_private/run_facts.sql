-- The facts of run_created: its eventData without the input.

create or replace function workflow_pg_private.run_facts(
    p_workflow_name          text,
    p_deployment_id          text,
    p_execution_context      jsonb,
    p_encryption_public_key  text,
    p_attributes             jsonb,
    p_allow_reserved         boolean
)
returns jsonb
language plpgsql immutable
as $$
declare
    v_facts jsonb := jsonb_build_object('deploymentId', p_deployment_id, 'workflowName', p_workflow_name);
begin
    if jsonb_typeof(p_execution_context) <> 'object' then
        perform workflow_pg_private.refuse(
            'WF400', format('the execution context is a JSON object, not %s', jsonb_typeof(p_execution_context)),
            jsonb_build_object('argument', 'execution context'));
    end if;

    if p_execution_context is not null then
        v_facts := v_facts || jsonb_build_object('executionContext', p_execution_context);
    end if;

    if p_encryption_public_key is not null then
        v_facts := v_facts || jsonb_build_object('encryptionPublicKey', p_encryption_public_key);
    end if;

    if p_attributes is not null then
        perform workflow_pg_private.check_attribute_map(p_attributes);
        perform workflow_pg_private.check_attribute_limits(
            workflow_pg_private.attribute_changes(p_attributes), p_allow_reserved);
        v_facts := v_facts || jsonb_build_object('attributes', p_attributes);
    end if;

    if p_allow_reserved then
        v_facts := v_facts || jsonb_build_object('allowReservedAttributes', true);
    end if;

    return v_facts;
end;
$$;

comment on function workflow_pg_private.run_facts is
    'eventData of run_created without its input. Raises WF400 when the execution context or the attributes are no object, WF422 when an attribute is over a limit.';
