-- A time span out of JSON that a caller gave, in seconds.

create or replace function workflow_pg_private.wire_seconds(
    p_object   jsonb,
    p_key      text,
    p_default  numeric
)
returns interval
language plpgsql immutable
as $$
declare
    v_seconds constant numeric := workflow_pg_private.wire_number(p_object, p_key, p_default);
begin
    if abs(v_seconds) > 1000000000 then
        perform workflow_pg_private.refuse(
            'WF400', format('%s %s is out of range', p_key, v_seconds), jsonb_build_object('argument', p_key));
    end if;

    return make_interval(secs => v_seconds::double precision);
end;
$$;

comment on function workflow_pg_private.wire_seconds is
    'p_object ->> p_key seconds, p_default when it is absent. Raises WF400 when it is no number.';
