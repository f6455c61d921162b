-- The input of a run, written as JSON: an array of arguments, or an object of keyword arguments.

create or replace function workflow_pg_private.check_json_input(p_input bytea)
returns void
language plpgsql immutable
as $$
declare
    v_type constant text := json_typeof(convert_from(p_input, 'UTF8')::json);
begin
    if v_type is null or v_type not in ('array', 'object') then
        perform workflow_pg_private.refuse(
            'WF400',
            format('the input of a run is a JSON array of its arguments or a JSON object of its keyword arguments, not %s',
                   coalesce(v_type, 'null')),
            jsonb_build_object('argument', 'input'));
    end if;
end;
$$;

comment on function workflow_pg_private.check_json_input is
    'Raises WF400 unless p_input, already known to be JSON, is an array or an object.';
