-- How long JSON is as JSON.stringify writes it, by which the protocol measures event data.

create or replace function workflow_pg_private.json_bytes(p_json jsonb)
returns bigint
language plpgsql immutable
as $$
declare
    v_spaces bigint;
begin
    -- PostgreSQL writes a space after each colon and each comma; else both write the same.
    select sum(case jsonb_typeof(v.value)
                    when 'object' then greatest(2 * (select count(*) from jsonb_object_keys(v.value)) - 1, 0)
                    when 'array' then greatest(jsonb_array_length(v.value) - 1, 0)
                    else 0
               end)::bigint
      into v_spaces
      from jsonb_path_query(p_json, 'strict $.**') as v (value);

    return octet_length(p_json::text) - v_spaces;
end;
$$;

comment on function workflow_pg_private.json_bytes is
    'Bytes of p_json as UTF-8 without optional white space; null for null.';
