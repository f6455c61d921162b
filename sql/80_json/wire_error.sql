-- The error of a run or of a step: its bytes, or of any other error {message, stack, code}.

create or replace function workflow_pg_private.wire_error(
    p_codec  workflow_pg.payload_codec,
    p_error  bytea,
    p_code   text
)
returns jsonb
language plpgsql immutable
as $$
declare
    v_error constant jsonb := workflow_pg_private.wire_payload(p_codec, p_error);
begin
    if v_error is null or p_codec <> 'json' then
        return v_error;
    end if;

    return workflow_pg_private.wire_compact(jsonb_build_object(
        'message', case when jsonb_typeof(v_error) = 'string' then v_error
                        when jsonb_typeof(v_error -> 'message') = 'string' then v_error -> 'message'
                        else '"Unknown error"' end,
        'stack', case when jsonb_typeof(v_error -> 'stack') = 'string' then v_error -> 'stack' end,
        'code', p_code));
end;
$$;

comment on function workflow_pg_private.wire_error is
    'error of an entity: bytes as bytes, JSON as {message, stack?, code?}; null for null.';
