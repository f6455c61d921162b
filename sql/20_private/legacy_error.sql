-- The error of a legacy entity, which stands in a text: four forms have been written.

create or replace function workflow_pg_private.legacy_error(p_text text)
returns jsonb
language plpgsql immutable
as $$
declare
    v_value jsonb;
begin
    if p_text is null or p_text = '' then
        return null;
    elsif workflow_pg_private.is_json(convert_to(p_text, 'UTF8')) and p_text !~ '\\u0000' then
        v_value := p_text::jsonb;
    end if;

    if jsonb_typeof(v_value) = 'object' and v_value ? 'message' then
        return jsonb_strip_nulls(jsonb_build_object(
            'message', v_value -> 'message', 'stack', v_value -> 'stack', 'code', v_value -> 'code'));
    end if;

    return jsonb_build_object('message', coalesce(v_value #>> '{}', p_text));
end;
$$;

comment on function workflow_pg_private.legacy_error is
    '{message, stack, code} out of an object that has a message; else {message}: of other JSON its text, of plain text the text. Null for null and for an empty text.';
