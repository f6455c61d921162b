-- A time that a caller gave as milliseconds since 1970, as the text that others give.

create or replace function workflow_pg_private.wire_time(
    p_value  jsonb,
    p_what   text
)
returns jsonb
language plpgsql stable
as $$
declare
    c_least constant bigint := -62135596800000;
    c_most  constant bigint := 253402300799999;
begin
    if jsonb_typeof(p_value) <> 'number' then
        return p_value;
    elsif (p_value #>> '{}')::numeric not between c_least and c_most then
        perform workflow_pg_private.refuse(
            'WF400', format('%s %s is malformed: milliseconds since 1970, before the year 10000, are needed',
                            p_what, left(p_value::text, 60)),
            jsonb_build_object('argument', p_what));
    end if;

    return to_jsonb(workflow_pg_private.iso_time(
        timestamptz 'epoch' + (p_value #>> '{}')::numeric::double precision * interval '1 millisecond'));
end;
$$;

comment on function workflow_pg_private.wire_time is
    'p_value, a number of milliseconds as ISO 8601. Raises WF400 when it is no year 1 to 9999.';
