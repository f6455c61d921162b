-- The facts in eventData: of the types that they have to be of, times as texts, without nulls.
--
-- Whoever takes a fact out of them gets a text, whatever it was.

create or replace function workflow_pg_private.wire_facts(p_data jsonb)
returns jsonb
language plpgsql stable
as $$
declare
    c_texts constant text[] := array['workflowName', 'deploymentId', 'encryptionPublicKey', 'errorCode', 'cancelReason',
                                     'stepName', 'ownerMessageId', 'token', 'resumeAt', 'retryAfter',
                                     'tokenRetentionUntil'];
    c_flags constant text[] := array['isWebhook', 'isSystem', 'allowReservedAttributes'];
    v_facts          jsonb  := workflow_pg_private.wire_compact(p_data);
    v_times          jsonb;
    v_fault          text;
begin
    select jsonb_object_agg(t.key, workflow_pg_private.wire_time(t.value, t.key))
      into v_times
      from jsonb_each(v_facts) as t
     where t.key in ('resumeAt', 'retryAfter', 'tokenRetentionUntil')
       and jsonb_typeof(t.value) = 'number';
    v_facts := v_facts || coalesce(v_times, '{}');

    select f.key
      into v_fault
      from jsonb_each(v_facts) as f
     where f.key = any (c_texts) and jsonb_typeof(f.value) <> 'string'
        or f.key = any (c_flags) and jsonb_typeof(f.value) <> 'boolean'
     order by f.key
     limit 1;

    if found then
        perform workflow_pg_private.refuse(
            'WF400', format('%s is malformed: it cannot be %s', v_fault, jsonb_typeof(v_facts -> v_fault)),
            jsonb_build_object('argument', v_fault));
    end if;

    return v_facts;
end;
$$;

comment on function workflow_pg_private.wire_facts is
    'eventData without its payload, with times as ISO 8601; a fact that is null is none. Raises WF400 when one is of a wrong type.';
