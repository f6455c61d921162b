-- The error of an event as it was given: with its stack beside it, if that was so.

create or replace function workflow_pg_private.wire_error_out(p_error jsonb)
returns jsonb
language plpgsql immutable
as $$
begin
    return case when p_error is null then '{}'::jsonb
                when jsonb_typeof(p_error) <> 'object' or not p_error ? 'stackBeside'
                then jsonb_build_object('error', p_error)
                else jsonb_build_object(
                         'stack', p_error -> 'stack',
                         'error', case p_error ->> 'stackBeside'
                                       when 'text' then p_error -> 'message'
                                       when 'value' then p_error -> 'value'
                                       else p_error - '{stack,stackBeside}'::text[] end) end;
end;
$$;

comment on function workflow_pg_private.wire_error_out is
    'eventData {error, stack?} of what wire_error_in made, or of any other error.';
