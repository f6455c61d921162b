-- The facts of attr_set: its eventData.

create or replace function workflow_pg_private.attribute_facts(
    p_changes         jsonb,
    p_writer          text,
    p_step_id         text,
    p_attempt         integer,
    p_allow_reserved  boolean
)
returns jsonb
language plpgsql immutable
as $$
declare
    v_facts  jsonb;
    v_bytes  bigint;
begin
    perform workflow_pg_private.check_attribute_changes(p_changes);
    perform workflow_pg_private.check_attribute_limits(p_changes, p_allow_reserved);

    if p_writer is null or p_writer not in ('workflow', 'step', 'api') then
        perform workflow_pg_private.refuse(
            'WF400', format('writer %s is unknown: workflow, step or api is needed', coalesce(quote_literal(left(p_writer, 60)), 'null')),
            jsonb_build_object('argument', 'writer'));
    elsif p_writer = 'step' then
        perform workflow_pg_private.check_text('step id', p_step_id, 255);
    end if;

    if (p_writer = 'step') <> (p_attempt is not null) or (p_writer = 'step') <> (p_step_id is not null) or p_attempt < 0 then
        perform workflow_pg_private.refuse(
            'WF400', format('writer %s does not fit: a step, and nobody else, has a step id and an attempt from 0', p_writer),
            jsonb_build_object('argument', 'writer'));
    end if;

    v_facts := jsonb_build_object('changes', p_changes, 'writer', jsonb_build_object('type', p_writer));
    if p_writer = 'step' then
        v_facts := jsonb_set(v_facts, '{writer}', jsonb_build_object('type', 'step', 'stepId', p_step_id, 'attempt', p_attempt));
    end if;
    if p_allow_reserved then
        v_facts := v_facts || jsonb_build_object('allowReservedAttributes', true);
    end if;

    v_bytes := workflow_pg_private.json_bytes(v_facts);
    if v_bytes > 8192 then
        perform workflow_pg_private.refuse(
            'WF422', format('the changes of attributes have %s bytes as an event: at most 8192 are allowed', v_bytes),
            jsonb_build_object('argument', 'attributes', 'bytes', v_bytes, 'limit', 8192),
            'Make several calls.');
    end if;

    return v_facts;
end;
$$;

comment on function workflow_pg_private.attribute_facts is
    'eventData of attr_set. Raises WF400 when an argument is malformed, WF422 when a change or all together are over a limit.';
