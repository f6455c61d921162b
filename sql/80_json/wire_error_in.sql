-- An error of the protocol's 4.x as one JSON value: there its stack is beside it.
--
-- The result reads as an error by itself, {message, stack}. stackBeside says how it was
-- written, so that its event comes back as it was.

create or replace function workflow_pg_private.wire_error_in(
    p_error  jsonb,
    p_stack  jsonb
)
returns jsonb
language plpgsql immutable
as $$
declare
    v_stack constant jsonb := jsonb_build_object('stack', p_stack);
begin
    if p_stack is null or p_stack = 'null'::jsonb or p_error is null then
        return p_error;
    elsif jsonb_typeof(p_error) = 'string' then
        return v_stack || jsonb_build_object('message', p_error, 'stackBeside', 'text');
    elsif jsonb_typeof(p_error) = 'object' then
        return p_error || v_stack || jsonb_build_object('stackBeside', 'object');
    end if;

    return v_stack || jsonb_build_object('message', 'Unknown error', 'value', p_error, 'stackBeside', 'value');
end;
$$;

comment on function workflow_pg_private.wire_error_in is
    'p_error, with p_stack in it when there is one.';
