-- The bytes that a caller wrote in JSON.
--
-- The exception block is a subtransaction. Nothing cheaper tells base64 from what is none.

create or replace function workflow_pg_private.wire_decode(
    p_value  jsonb,
    p_what   text
)
returns bytea
language plpgsql immutable
as $$
declare
    v_bytes bytea;
begin
    begin
        -- What is not there is no base64 either.
        v_bytes := decode(coalesce(p_value ->> 'data', '='), 'base64');
    exception
        when invalid_parameter_value then
            perform workflow_pg_private.refuse(
                'WF400', format('the bytes of %s are malformed: base64 is needed', p_what),
                jsonb_build_object('argument', p_what));
    end;

    return v_bytes;
end;
$$;

comment on function workflow_pg_private.wire_decode is
    'The bytes of {"__type": "Uint8Array", "data": base64}. Raises WF400 when that is no base64.';
